//! How long each JSON parser takes to walk the members of Logpush records, keys and values seen
//! as the sender's bytes: `cargo run --release -- BATCH.ndjson [ROUNDS]`.
//!
//! Interleaved rounds, the median of each, and its ratio to our own scanner. sonic-rs and simd-json
//! see every top-level member; arrow-json fills typed columns, so it is told more and does more.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use _native::scan;
use arrow_json::reader::{ReaderBuilder, infer_json_schema};
use sonic_rs::{JsonValueTrait, to_object_iter};

fn ours(lines: &[&[u8]]) -> usize {
    let mut members = 0;
    for line in lines {
        let mut at = 1;
        loop {
            let (key_end, _) = scan::text_end(line, at + 1).expect("a key");
            let start = scan::colon_end(line, key_end + 1).expect("a colon");
            let (value, after) = scan::value(line, start).expect("a value");
            black_box((&line[at + 1..key_end], value.sent(line)));
            members += 1;
            if line[after] != b',' {
                break;
            }
            at = after + 1;
        }
    }
    members
}

fn sonic(lines: &[&[u8]]) -> usize {
    let mut members = 0;
    for line in lines {
        for member in to_object_iter(*line) {
            let (key, value) = member.expect("a member");
            black_box((&key, value.as_raw_str(), value.get_type()));
            members += 1;
        }
    }
    members
}

fn simd(lines: &[&[u8]]) -> usize {
    let mut members = 0;
    let mut buffers = simd_json::Buffers::default();
    for line in lines {
        let mut copy = line.to_vec(); // it parses in place
        let tape = simd_json::to_tape_with_buffers(&mut copy, &mut buffers).expect("JSON");
        members += tape.0.len() / 2;
        black_box(&tape);
    }
    members
}

fn arrow(body: &[u8], schema: &Arc<arrow_schema::Schema>) -> usize {
    let reader = ReaderBuilder::new(schema.clone()).with_batch_size(8192).build(body);
    reader.expect("a reader").map(|batch| batch.expect("rows").num_rows()).sum()
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().expect("BATCH.ndjson [ROUNDS]");
    let rounds: usize = arguments.next().map_or(9, |text| text.parse().expect("ROUNDS"));
    let body = std::fs::read(path).expect("the batch");
    let lines: Vec<&[u8]> = body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let (schema, _) = infer_json_schema(&body[..], Some(2_000)).expect("records");
    let schema = Arc::new(schema);

    type Way<'a> = (&'a str, Box<dyn Fn() -> usize + 'a>);
    let ways: Vec<Way> = vec![
        ("our scanner", Box::new(|| ours(&lines))),
        ("sonic-rs, lazy and checked", Box::new(|| sonic(&lines))),
        ("simd-json, tape", Box::new(|| simd(&lines))),
        ("arrow-json, typed columns", Box::new(|| arrow(&body, &schema))),
    ];
    let mut seconds = vec![Vec::new(); ways.len()];
    for _ in 0..=rounds {
        for (way, (_, run)) in ways.iter().enumerate() {
            let begun = Instant::now();
            black_box(run());
            seconds[way].push(begun.elapsed().as_secs_f64());
        }
    }
    let medians: Vec<f64> = seconds
        .iter_mut()
        .map(|all| {
            let counted = &mut all[1..]; // the first round warms up
            counted.sort_by(f64::total_cmp);
            counted[counted.len() / 2]
        })
        .collect();
    for ((name, _), median) in ways.iter().zip(&medians) {
        let microseconds = median * 1e6 / lines.len() as f64;
        let gigabytes = body.len() as f64 / median / 1e9;
        println!("{name:28} {microseconds:7.3} us a record {gigabytes:6.2} GB/s  x {:.2}", median / medians[0]);
    }
}
