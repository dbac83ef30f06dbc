//! Plain pickles pass, and nothing else does.

use proptest::prelude::*;

use super::*;

/// A pickle of protocol 3 with these opcodes.
fn pickle(opcodes: &[u8]) -> Vec<u8> {
    [b"\x80\x03", opcodes, b"."].concat()
}

fn refusal(opcodes: &[u8]) -> Refusal {
    check_plain(&pickle(opcodes)).unwrap_err()
}

/// Lists in lists, as many as asked for, each way there is to build them.
fn nested(depth: usize) -> [Vec<u8>; 5] {
    [
        [b"]".repeat(depth), b"a".repeat(depth - 1)].concat(),
        [
            b"](".repeat(depth - 1),
            b"]".to_vec(),
            b"e".repeat(depth - 1),
        ]
        .concat(),
        [b"(".repeat(depth), b"l".repeat(depth)].concat(),
        [b")".to_vec(), b"\x85".repeat(depth - 1)].concat(),
        [
            b"}K\x00".repeat(depth - 1),
            b"}".to_vec(),
            b"s".repeat(depth - 1),
        ]
        .concat(),
    ]
}

#[test]
fn plain_data_passes() {
    // pickle.dumps({"a": [1, 2.5, None, True, b"x", (1, "é")], "b": 2**62}, protocol=3)
    let written_by_python = b"\x80\x03}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01G@\x04\x00\x00\x00\x00\x00\x00N\x88C\x01xq\x03K\x01X\x02\x00\x00\x00\xc3\xa9q\x04\x86q\x05eX\x01\x00\x00\x00bq\x06\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x40u.";
    assert_eq!(check_plain(written_by_python), Ok(()));
    for opcodes in [
        &b"N"[..],
        b"]",
        b"}",
        b")",
        b"(K\x01K\x02d",
        b"K\x01K\x02\x86",
        b"](K\x01e",
    ] {
        assert_eq!(check_plain(&pickle(opcodes)), Ok(()), "{opcodes:?}");
    }
}

#[test]
fn text_may_be_repeated_by_reference_and_containers_may_not() {
    assert_eq!(
        check_plain(&pickle(b"X\x01\x00\x00\x00aq\x00h\x00\x86")),
        Ok(())
    );
    assert_eq!(
        refusal(b"]q\x00h\x00\x86"),
        Refusal::SharedContainer { position: 5 }
    );
    // l = []; l.append(l)
    assert_eq!(
        refusal(b"]q\x00h\x00a"),
        Refusal::SharedContainer { position: 5 }
    );
    // a list of two of the list before it, fifty times over: 2^50 values
    let mut exponential = b"](K\x01K\x01eq\x00".to_vec();
    for level in 1..50_u8 {
        exponential.extend([
            b']',
            b'(',
            b'h',
            level - 1,
            b'h',
            level - 1,
            b'e',
            b'q',
            level,
        ]);
    }
    assert!(matches!(
        refusal(&exponential),
        Refusal::SharedContainer { .. }
    ));
}

#[test]
fn repeating_a_large_text_without_end_is_refused() {
    let mut opcodes = b"](X\x00\x00\x10\x00".to_vec();
    opcodes.extend(vec![b'a'; 1 << 20]);
    opcodes.extend(b"q\x00");
    opcodes.extend(b"h\x00".repeat(3));
    opcodes.push(b'e');
    assert_eq!(refusal(&opcodes), Refusal::TooLarge);
}

#[test]
fn a_memo_id_is_used_once() {
    let twice = b"X\x01\x00\x00\x00aq\x00X\x01\x00\x00\x00bq\x00\x86";
    assert!(matches!(refusal(twice), Refusal::Malformed { .. }));
    assert!(matches!(refusal(b"h\x07"), Refusal::Malformed { .. }));
    // MEMOIZE counts, and may meet an id that PUT has taken
    assert!(matches!(
        refusal(b"Nq\x01N\x94\x86"),
        Refusal::Malformed { .. }
    ));
}

#[test]
fn nesting_is_limited_however_it_is_built() {
    let limit = MAX_DEPTH as usize;
    for opcodes in nested(limit) {
        assert_eq!(check_plain(&pickle(&opcodes)), Ok(()));
    }
    for depth in [limit + 1, 200_000] {
        for opcodes in nested(depth) {
            assert_eq!(refusal(&opcodes), Refusal::TooDeep, "{depth}");
        }
    }
}

#[test]
fn python_objects_are_named() {
    let global = |name: &str| Refusal::Global {
        name: name.to_owned(),
    };
    assert_eq!(refusal(b"cos\nsystem\n"), global("os.system"));
    assert_eq!(refusal(b"(ios\nsystem\n"), global("os.system"));
    let stack = b"\x8c\x0aepydemix.x\x94\x8c\x08EpiModel\x94\x93";
    assert_eq!(refusal(stack), global("epydemix.x.EpiModel"));
    // module and name by reference, as dill writes them
    let recalled = b"\x8c\x01a\x94\x8c\x01b\x94\x86\x30h\x00h\x01\x93";
    assert!(matches!(
        refusal(recalled),
        Refusal::Opcode { opcode: "POP", .. }
    ));
    assert_eq!(
        refusal(b"\x8c\x01a\x94\x8c\x01b\x94h\x00h\x01\x93"),
        global("a.b")
    );
    assert_eq!(refusal(b"\x93"), global("?.?"));
    assert_eq!(refusal(b"c\x1b[31m\nx\n"), global("?[31m.x"));
}

#[test]
fn opcodes_that_plain_data_does_not_need_are_refused() {
    for (opcode, name) in [
        (b'R', "REDUCE"),
        (b'b', "BUILD"),
        (b'o', "OBJ"),
        (0x81, "NEWOBJ"),
        (0x92, "NEWOBJ_EX"),
        (b'P', "PERSID"),
        (b'Q', "BINPERSID"),
        (0x82, "EXT1"),
        (b'2', "DUP"),
        (b'0', "POP"),
        (b'I', "INT"),
        (0x8f, "EMPTY_SET"),
        (0x97, "NEXT_BUFFER"),
        (0x80, "PROTO"),
    ] {
        let expected = Refusal::Opcode {
            opcode: name,
            position: 2,
        };
        assert_eq!(refusal(&[opcode]), expected);
    }
    assert_eq!(
        refusal(&[0xff]),
        Refusal::Unknown {
            byte: 0xff,
            position: 2
        }
    );
}

#[test]
fn every_opcode_is_either_plain_or_refused_by_name() {
    // The opcodes of Python 3.14's pickletools.
    let known = b"(.0125FGIJKLMNPQRSTUVXabcdeghijlopqrstu)]}BC";
    for &opcode in known
        .iter()
        .filter(|&&opcode| opcode != b'5')
        .chain(&(0x80..=0x98).collect::<Vec<u8>>())
    {
        let found = check_plain(&pickle(&[opcode]));
        assert!(
            !matches!(found, Err(Refusal::Unknown { .. })),
            "{opcode:#x}: {found:?}"
        );
    }
}

#[test]
fn what_does_not_end_where_it_should_is_refused() {
    assert_eq!(check_plain(b""), Err(Refusal::Protocol));
    assert_eq!(check_plain(b"N."), Err(Refusal::Protocol));
    assert_eq!(check_plain(b"\x80\x06N."), Err(Refusal::Protocol));
    assert_eq!(check_plain(b"\x80\x03N"), Err(Refusal::Truncated));
    assert_eq!(
        check_plain(b"\x80\x03N.."),
        Err(Refusal::Trailing { position: 4 })
    );
    for lengths in [
        &b"X\xff\xff\xff\xffa"[..],
        b"B\xff\xff\xff\xff",
        b"C\x05a",
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"J\x00",
    ] {
        assert_eq!(refusal(lengths), Refusal::Truncated, "{lengths:?}");
    }
    for unfinished in [
        &b""[..],
        b"NN",
        b"(N",
        b"a",
        b"K\x01a",
        b"}K\x01Na",
        b"l",
        b"K\x01\x86",
    ] {
        assert!(
            matches!(refusal(unfinished), Refusal::Malformed { .. }),
            "{unfinished:?}"
        );
    }
    assert!(matches!(refusal(b"(K\x01d"), Refusal::Malformed { .. }));
    assert!(matches!(
        refusal(b"\x8a\x09\x00\x00\x00\x00\x00\x00\x00\x80\x00"),
        Refusal::Malformed { .. }
    ));
    assert!(
        matches!(refusal(b"K\x01(K\x02\x86"), Refusal::Malformed { .. }),
        "across a mark"
    );
}

mod properties {
    use super::*;

    proptest! {
        /// Whatever passes is decoded by serde-pickle without an overflow; most bytes don't pass.
        #[test]
        fn random_opcodes_never_panic(opcodes in proptest::collection::vec(
            prop_oneof![
                Just(b']'), Just(b'}'), Just(b')'), Just(b'('), Just(b'e'), Just(b'u'), Just(b'a'),
                Just(b's'), Just(b't'), Just(b'l'), Just(b'd'), Just(0x85), Just(0x86), Just(b'N'),
                Just(b'K'), Just(b'q'), Just(b'h'), Just(0x94), any::<u8>(),
            ], 0..200,
        )) {
            let pickle = pickle(&opcodes);
            if check_plain(&pickle).is_ok() {
                let _ = serde_pickle::value_from_slice(&pickle, serde_pickle::DeOptions::new());
            }
        }

        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = check_plain(&bytes);
        }
    }
}
