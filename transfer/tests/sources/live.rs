//! A running MongoDB: set WHIMBREL_TEST_MONGODB_URL to the URL of a server (without a database) to try it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use bson::oid::ObjectId;
use bson::raw::RawDocumentBuf;
use bson::{Bson, Document, doc};
use whimbrel::Hint as _;
use whimbrel_transfer::source::{self, Limit, Range};

use crate::support::{check_ranges, check_resuming, read, read_all};

/// The server's URL with a new database of its own, and a client to fill it with.
struct Live {
    runtime: tokio::runtime::Runtime,
    database: mongodb::Database,
    url: String,
    /// Failures are ordered for all commands that the server gets from Whimbrel: one test at a time.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

impl Live {
    fn start(test: &str) -> Option<Self> {
        let server = whimbrel_scratch::mongodb()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let name = format!("whimbrel_{test}_{}", std::process::id());
        let (server, options) = server.split_once('?').unwrap_or((&server, ""));
        let url = format!("{}/{name}?{options}", server.trim_end_matches('/'));
        let database =
            runtime.block_on(async { mongodb::Client::with_uri_str(&url).await.unwrap().database(&name) });
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Self { runtime, database, url, _alone: alone })
    }

    fn insert(&self, collection: &str, documents: Vec<Document>) {
        let collection = self.database.collection::<Document>(collection);
        self.runtime.block_on(async { collection.insert_many(documents).await }).unwrap();
    }

    /// What the server itself gives, in the order of `_id`.
    fn sorted(&self, collection: &str) -> Vec<RawDocumentBuf> {
        use futures_util::TryStreamExt;
        let collection = self.database.collection::<RawDocumentBuf>(collection);
        self.runtime.block_on(async {
            collection.find(doc! {}).sort(doc! { "_id": 1 }).await.unwrap().try_collect().await.unwrap()
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Err(error) = self.runtime.block_on(async { self.database.drop().await }) {
            eprintln!("the test's database could not be dropped: {error}");
        }
    }
}

#[test]
fn keys_of_all_types_are_read_in_order_and_resumed() {
    let Some(live) = Live::start("types") else { return };
    let mut keys: Vec<Bson> = (0..10).map(Bson::Int32).collect();
    keys.extend([Bson::Double(3.5), Bson::Int64(1 << 40), Bson::Double(-1e300), Bson::Null, Bson::MinKey]);
    keys.extend([Bson::MaxKey, Bson::Boolean(true), Bson::Boolean(false)]);
    keys.extend(["", "a", "ß", "zz"].map(|text| Bson::String(text.into())));
    keys.extend((0..5).map(|n| Bson::ObjectId(ObjectId::from_bytes([n; 12]))));
    keys.push(Bson::Document(doc! { "a": 1, "b": "x" }));
    keys.push(Bson::DateTime(bson::DateTime::from_millis(-5)));
    keys.push(Bson::Binary(bson::Binary { subtype: bson::spec::BinarySubtype::Generic, bytes: vec![1, 2] }));
    keys.push(Bson::Timestamp(bson::Timestamp { time: 1, increment: 2 }));
    live.insert("mixed", keys.into_iter().map(|key| doc! { "_id": key, "n": 1 }).collect());
    let wanted = live.sorted("mixed");
    let source = source::from_arg(&live.url).unwrap();
    assert_eq!(read_all(&*source, "mixed").clean(), wanted);
    check_resuming(&*source, "mixed", &wanted);
}

#[test]
fn parts_cover_every_document_once() {
    let Some(live) = Live::start("parts") else { return };
    for block in 0..5 {
        let document =
            |n: i32| doc! { "_id": ObjectId::new(), "n": block * 1000 + n, "text": "x".repeat(50) };
        live.insert("things", (0..1000).map(document).collect());
    }
    let source = source::from_arg(&live.url).unwrap();
    let wanted = live.sorted("things");
    let info = source.collections().unwrap().remove(0);
    assert_eq!((info.name.as_str(), info.documents), ("things", Some(5000)));
    for parts in [1, 2, 5] {
        let ranges = source.split("things", parts).unwrap();
        assert!(parts == 1 || ranges.len() > 1);
        check_ranges(&*source, "things", &ranges, &wanted);
    }
    let small = read(&*source, "things", &Range::all(), Limit { documents: 1 << 20, bytes: 10_000 });
    assert!(small.chunks.iter().all(|chunk| chunk.byte_len() < 10_200));
}

#[test]
fn it_can_be_used_from_asynchronous_code() {
    let Some(live) = Live::start("inside") else { return };
    live.insert("things", vec![doc! { "_id": 1 }]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let source = source::from_arg(&live.url).unwrap();
        assert_eq!(read_all(&*source, "things").clean().len(), 1);
    });
}

/// Makes the server fail the source's next commands; false where it does not let itself be told so.
fn arm(live: &Live, commands: &[&str], how: Document, times: i32) -> bool {
    let mut data = doc! { "failCommands": commands, "appName": "whimbrel" };
    data.extend(how);
    let command = doc! { "configureFailPoint": "failCommand", "mode": { "times": times }, "data": data };
    let admin = live.database.client().database("admin");
    let armed = live.runtime.block_on(async { admin.run_command(command).await });
    if let Err(error) = &armed {
        whimbrel_scratch::skip(
            whimbrel_scratch::Need::Mongodb,
            &format!("the server does not fail on demand: {error}"),
        );
    }
    armed.is_ok()
}

#[test]
fn what_passes_is_waited_for() {
    let Some(live) = Live::start("storm") else { return };
    let document = |n: i32| doc! { "_id": n, "text": "x".repeat(40) };
    live.insert("things", (0..3000).map(document).collect());
    let wanted = live.sorted("things");
    let half = Range { after: Some(source::Position::new("{\"$numberInt\":\"1499\"}")), until: None };
    for (commands, how, times) in [
        (&["getMore"][..], doc! { "closeConnection": true }, 1),
        (&["getMore"], doc! { "errorCode": 43 }, 2),
        (&["find"], doc! { "closeConnection": true }, 3),
        (&["find"], doc! { "errorCode": 11600 }, 3),
        // The snapshot is too old: what is left is read without.
        (&["getMore"], doc! { "errorCode": 239 }, 1),
        // Bounds of the index are not known: keys are compared by an expression.
        (&["find"], doc! { "errorCode": 40415 }, 1),
    ] {
        let source = source::from_arg(&live.url).unwrap();
        for (range, wanted) in [(Range::all(), &wanted[..]), (half.clone(), &wanted[1500..])] {
            if !arm(&live, commands, how.clone(), times) {
                return;
            }
            let got = read(&*source, "things", &range, Limit { documents: 700, bytes: 1 << 20 });
            assert_eq!(got.clean(), wanted, "{commands:?} {how}");
        }
    }
    let source = source::from_arg(&live.url).unwrap();
    if arm(&live, &["find"], doc! { "errorCode": 13 }, 1) {
        let got = read_all(&*source, "things");
        assert!(got.message().contains("things"), "{}", got.message());
        assert!(got.error.unwrap().hint().unwrap().contains("role"));
    }
}

#[test]
fn passwords_do_not_come_out() {
    for url in [
        "mongodb://user:s3cret%2Fx@127.0.0.1:1/db?serverSelectionTimeoutMS=200",
        "mongodb://user:s3cret%2Fx@127.0.0.1:1/?serverSelectionTimeoutMS=200",
        "mongodb://user:s3cret%2Fx@127.0.0.1:notaport/db",
        "mongodb://user:s3cret/x@127.0.0.1/db",
    ] {
        let error = source::from_arg(url).err().unwrap();
        let all = format!("{error} {error:?} {:?}", error.hint());
        assert!(!all.contains("s3cret"), "{all}");
        assert!(error.hint().is_some(), "{all}");
    }
}
