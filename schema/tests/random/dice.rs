//! Random schemas as genes: a number for each place where an object may be.

use std::collections::BTreeMap;

/// Random numbers, the same ones for the same seed (splitmix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, most: usize) -> usize {
        (self.roll() % most.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// The text, or nothing, with equal chances.
    pub fn maybe<'a>(&mut self, text: &'a str) -> &'a str {
        if self.one_in(2) { text } else { "" }
    }
}

/// Where an object may be: its kind, and numbers that tell it from others.
pub type Place = (&'static str, usize, usize);

/// Which objects there are, and the seed of what each looks like.
pub type Genes = BTreeMap<Place, u64>;

/// A schema with some of the objects, and another one that is mostly an edit of it.
pub fn pair(seed: u64, places: &[Place]) -> (Genes, Genes) {
    let mut dice = Dice(seed);
    let presence = [3, 5, 8, 9][dice.below(4)];
    let edits = [1, 3, 10, 60, 100][dice.below(5)];
    let (mut prev, mut next) = (Genes::new(), Genes::new());
    for place in places {
        let (here, gene) = (dice.below(10) < presence, dice.roll());
        if here {
            prev.insert(*place, gene);
        }
        let edited = dice.below(100) < edits;
        let (there, other) = (dice.below(10) < presence, dice.roll());
        match (edited, here, there) {
            (false, true, _) => next.insert(*place, gene),
            (true, _, true) => next.insert(*place, other),
            _ => None,
        };
    }
    (prev, next)
}

/// The smallest pair found for which `fails` still says so.
pub async fn shrink(
    mut pair: (Genes, Genes),
    places: &[Place],
    mut fails: impl AsyncFnMut(&(Genes, Genes)) -> bool,
) -> (Genes, Genes) {
    for alike in [false, true, false] {
        let mut size = places.len();
        while size > 0 {
            for chunk in places.chunks(size) {
                let mut smaller = pair.clone();
                for place in chunk {
                    match smaller.0.get(place).copied().filter(|_| alike) {
                        Some(gene) => drop(smaller.1.insert(*place, gene)),
                        None if alike => drop(smaller.1.remove(place)),
                        None => {
                            smaller.0.remove(place);
                            smaller.1.remove(place);
                        }
                    }
                }
                if smaller != pair && fails(&smaller).await {
                    pair = smaller;
                }
            }
            size /= 2;
        }
    }
    pair
}
