//! A stable topological order.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Vertices `0..n`, and which of them come before which.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    /// For each vertex, what comes after it.
    after: Vec<Vec<usize>>,
}

impl Graph {
    pub(crate) fn vertex(&mut self) -> usize {
        self.after.push(Vec::new());
        self.after.len() - 1
    }

    /// `first` comes before `second`; a vertex does not wait for itself.
    pub(crate) fn edge(&mut self, first: usize, second: usize) {
        if first != second
            && let Some(after) = self.after.get_mut(first)
        {
            after.push(second);
        }
    }

    /// The vertices in an order that obeys every edge and, among those that are free, `rank`.
    ///
    /// # Errors
    /// The vertices that wait for each other in a cycle, and those on the way from one cycle to another.
    pub(crate) fn order<R: Ord>(&self, rank: impl Fn(usize) -> R) -> Result<Vec<usize>, Vec<usize>> {
        let mut waits = vec![0_usize; self.after.len()];
        for second in self.after.iter().flatten() {
            waits[*second] += 1;
        }
        let mut free: BinaryHeap<Reverse<(R, usize)>> =
            (0..waits.len()).filter(|at| waits[*at] == 0).map(|at| Reverse((rank(at), at))).collect();
        let mut order = Vec::with_capacity(waits.len());
        while let Some(Reverse((_, at))) = free.pop() {
            order.push(at);
            for second in &self.after[at] {
                waits[*second] -= 1;
                if waits[*second] == 0 {
                    free.push(Reverse((rank(*second), *second)));
                }
            }
        }
        if order.len() == waits.len() { Ok(order) } else { Err(self.cycle(&waits)) }
    }

    /// Of the vertices that still wait, those that something waits for which does.
    fn cycle(&self, waits: &[usize]) -> Vec<usize> {
        let mut before = vec![Vec::new(); waits.len()];
        let mut waiting = vec![0_usize; waits.len()];
        for first in (0..waits.len()).filter(|at| waits[*at] > 0) {
            for second in &self.after[first] {
                before[*second].push(first);
                waiting[first] += 1;
            }
        }
        let mut free: Vec<usize> =
            (0..waits.len()).filter(|at| waits[*at] > 0 && waiting[*at] == 0).collect();
        let mut stuck: Vec<bool> = waits.iter().map(|waits| *waits > 0).collect();
        while let Some(at) = free.pop() {
            stuck[at] = false;
            for first in &before[at] {
                waiting[*first] -= 1;
                if waiting[*first] == 0 {
                    free.push(*first);
                }
            }
        }
        (0..waits.len()).filter(|at| stuck[*at]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_come_before_ranks_and_ranks_before_numbers() {
        let mut graph = Graph::default();
        let [a, b, c] = [graph.vertex(), graph.vertex(), graph.vertex()];
        graph.edge(c, a);
        graph.edge(a, a);
        assert_eq!(graph.order(|_| 0), Ok(vec![b, c, a]));
        assert_eq!(graph.order(Reverse), Ok(vec![c, b, a]));
        graph.edge(a, c);
        let d = graph.vertex();
        graph.edge(a, d);
        graph.edge(b, c);
        assert_eq!(graph.order(|_| 0), Err(vec![a, c]));
    }
}
