//! Copies values into a server and out again.

use std::fmt::Debug;

use futures_util::TryStreamExt;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use whimbrel::__private::copy::{FromSource, Shape, ToCopy, TupleBuffer, Written};
use whimbrel::__private::transform::value::Elements;
use whimbrel::__private::transform::{Code, ValueError};
use whimbrel::bson::{RawBson, RawDocumentBuf};

const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
const TRAILER: &[u8] = &[0xff, 0xff];

/// A database of its own on the shared server; `None` where there is none.
pub struct Server {
    runtime: tokio::runtime::Runtime,
    connection: PgConnection,
}

impl Server {
    pub fn new(name: &str) -> Option<Server> {
        let scratch = whimbrel_scratch::for_tests()?;
        let url = scratch.create_database(name).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let connection = runtime.block_on(PgConnection::connect(&url)).unwrap();
        Some(Server { runtime, connection })
    }

    /// As `server_version_num` says it: 150018 is 15.18.
    pub fn version(&self) -> u32 {
        self.connection.server_version_num().unwrap()
    }

    pub fn execute(&mut self, sql: String) {
        let run = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut self.connection);
        self.runtime.block_on(run).unwrap();
    }

    pub fn block_on<T>(&mut self, run: impl AsyncFnOnce(&mut PgConnection) -> T) -> T {
        self.runtime.block_on(run(&mut self.connection))
    }

    /// Copies tuples in and out; the bytes of both.
    pub fn copy(&mut self, into: &str, from: &str, tuples: &TupleBuffer) -> (Vec<u8>, Vec<u8>) {
        let sent = [HEADER, tuples.as_bytes(), TRAILER].concat();
        let returned = self.block_on(async |connection| {
            let copy_in = format!("COPY {into} FROM STDIN (FORMAT binary)");
            let mut copy = connection.copy_in_raw(&copy_in).await.unwrap();
            copy.send(sent.as_slice()).await.unwrap();
            let rows = copy.finish().await.unwrap_or_else(|error| panic!("{into}: {error}"));
            assert_eq!(usize::try_from(rows).unwrap(), tuples.len(), "{into}");
            let out = format!("COPY {from} TO STDOUT (FORMAT binary)");
            let pieces: Vec<_> = connection.copy_out_raw(&out).await.unwrap().try_collect().await.unwrap();
            pieces.concat()
        });
        (sent, returned)
    }

    /// Copies tuples of one field of a type in and out, and says which of them came back as what.
    pub fn differences(&mut self, sql: &str, tuples: &TupleBuffer) -> Vec<(usize, Vec<u8>)> {
        self.execute(format!("DROP TABLE IF EXISTS t; CREATE TABLE t (n serial, v {sql})"));
        // Pages are not filled in the order of arrival.
        let (sent, returned) = self.copy("t (v)", "(SELECT v FROM t ORDER BY n)", tuples);
        if returned == sent {
            return Vec::new();
        }
        let mut left = &returned[HEADER.len()..];
        let mut different = Vec::new();
        for (at, tuple) in tuples.iter().enumerate() {
            let length = i32::from_be_bytes(left[2..6].try_into().unwrap());
            let (back, rest) = left.split_at(6 + usize::try_from(length).unwrap_or(0));
            if back != tuple {
                different.push((at, back.to_vec()));
            }
            left = rest;
        }
        assert!(!different.is_empty(), "{sql}: the streams differ, but no tuple does");
        different
    }
}

/// So many examples of a strategy, always the same.
pub fn examples<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Encodes one BSON value.
pub fn encode<T: FromSource<K>, K>(
    value: &RawBson,
    shape: &Shape,
    out: &mut TupleBuffer,
) -> Result<(), ValueError> {
    let mut document = RawDocumentBuf::new();
    document.append(whimbrel::bson::cstr!("v"), value.clone());
    let element = Elements::new(document.as_bytes())?.next_element()?.unwrap();
    out.tuple(1, |out| {
        out.field(|out| T::from_source(element.value, shape, out).map(|()| Written::Value)).map(|_| ())
    })
}

/// Values of the source go in and come back as the same bytes; says how many of them were refused, by code.
pub fn round_trip<T: FromSource<K>, K>(
    server: &mut Server,
    sql: &str,
    shape: Shape,
    values: &[RawBson],
) -> Vec<(Code, usize)> {
    trip(server, sql, values, 10, |value, tuples| encode::<T, K>(value, &shape, tuples))
}

/// The same for Rust values.
pub fn write_trip<T: ToCopy<K> + Debug, K>(server: &mut Server, sql: &str, shape: Shape, values: &[T]) {
    trip(server, sql, values, 2, |value, tuples| {
        tuples.tuple(1, |out| out.field(|out| value.to_copy(&shape, out)).map(|_| ()))
    });
}

/// At least one of so many values must be accepted.
fn trip<V: Debug>(
    server: &mut Server,
    sql: &str,
    values: &[V],
    of: usize,
    encode: impl Fn(&V, &mut TupleBuffer) -> Result<(), ValueError>,
) -> Vec<(Code, usize)> {
    let mut tuples = TupleBuffer::new();
    let (mut accepted, mut refused) = (Vec::new(), Vec::<(Code, usize)>::new());
    for value in values {
        match encode(value, &mut tuples) {
            Ok(()) => accepted.push(value),
            Err(fault) => match refused.iter_mut().find(|(code, _)| *code == fault.code()) {
                Some((_, count)) => *count += 1,
                None => refused.push((fault.code(), 1)),
            },
        }
    }
    assert!(accepted.len() * of >= values.len(), "{sql}: too many were refused: {refused:?}");
    let different = server.differences(sql, &tuples);
    if let Some((at, back)) = different.first() {
        let sent = tuples.iter().nth(*at).unwrap();
        panic!(
            "{sql}: {} of {} values differ; {:?} was sent as\n{}\nand came back as\n{}",
            different.len(),
            tuples.len(),
            accepted[*at],
            sent.escape_ascii(),
            back.escape_ascii()
        );
    }
    refused
}
