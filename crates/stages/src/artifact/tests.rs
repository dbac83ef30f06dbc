//! Artifacts come back as they were, or not at all.

use std::process::Command;

use proptest::prelude::*;
use serde_pickle::SerOptions;

use super::*;

fn artifact() -> Artifact {
    let payload = BTreeMap::from([("name", "Lakeside"), ("dtype", "<f8")]);
    Artifact {
        header: Header {
            kind: ArtifactKind::Result,
            engine: EngineName::Native,
            primary_id: 3,
            population: "Lakeside".to_owned(),
            seed: Some(i64::MAX as u64),
            delta_t: Some(0.2),
            workflow: "simulation".to_owned(),
            versions: BTreeMap::from([("epycloud".to_owned(), "0.1.0".to_owned())]),
            config_sha256: Sha256::of(b"config"),
            input_sha256: Some(Sha256::of(b"input")),
        },
        payload: Payload::plain(&payload).unwrap(),
    }
}

#[test]
fn an_artifact_reads_back_and_its_bytes_are_the_same_each_time() {
    let bytes = artifact().encode().unwrap();
    assert_eq!(bytes, artifact().encode().unwrap());
    assert_eq!(Artifact::decode(&bytes).unwrap(), artifact());
    let payload: BTreeMap<String, String> = artifact().payload.to_plain().unwrap();
    assert_eq!(payload["name"], "Lakeside");
}

#[test]
fn a_header_is_read_from_the_beginning_alone() {
    let bytes = artifact().encode().unwrap();
    let payload = artifact().payload.bytes.len();
    let start = &bytes[..bytes.len() - payload];
    assert_eq!(Header::from_start(start).unwrap(), Some(artifact().header));
    assert_eq!(Header::from_start(&bytes).unwrap(), Some(artifact().header));
    assert_eq!(Header::from_start(&bytes[..200]).unwrap(), None);
    let other = String::from_utf8_lossy(&bytes).find("Lakeside").unwrap();
    let mut damaged = bytes.clone();
    damaged[other] = b'l';
    assert!(matches!(
        Header::from_start(&damaged),
        Err(ArtifactError::Hash { part: "header" })
    ));
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let seed = Some(1 << 63);
    let artifact = Artifact {
        header: Header {
            seed,
            ..artifact().header
        },
        ..artifact()
    };
    assert!(matches!(
        artifact.encode(),
        Err(ArtifactError::Encode { .. })
    ));
    assert!(matches!(
        Payload::plain(&u64::MAX),
        Err(ArtifactError::Encode { .. })
    ));
}

#[test]
fn what_is_no_artifact_says_what_it_is() {
    let dict = |fields: &[(&str, serde_json::Value)]| {
        let fields: BTreeMap<_, _> = fields.iter().cloned().collect();
        serde_pickle::to_vec(&fields, SerOptions::new()).unwrap()
    };
    let cases = [
        (b"\x80\x04\x95\x1a\x00\x00\x00\x00\x00\x00\x00\x8c\x0aepydemix.x\x94\x8c\x08EpiModel\x94\x93.".to_vec(),
         "is a pickle of Python objects (it names `epydemix.x.EpiModel`), not an epycloud artifact"),
        (b"not a pickle".to_vec(), "is not a pickle of plain data"),
        (dict(&[]), "is a pickle, but not of an epycloud artifact"),
        (dict(&[("format", "other".into()), ("version", 1.into())]), "is a pickle, but not of an epycloud artifact"),
        (dict(&[("format", FORMAT.into()), ("version", 9.into())]), "is an artifact of version `9`; this program reads version 1"),
        (dict(&[("format", FORMAT.into()), ("version", 1.into())]), "lacks a field of an artifact, or has one of the wrong type"),
        (b"\x80\x03]K\x01a.".to_vec(), "is a pickle, but not of an epycloud artifact"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(Artifact::decode(&bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_pickle_of_the_original_pipeline_is_explained() {
    use epycloud_errors::Diagnose;
    let error = Artifact::decode(b"\x80\x04\x8c\x02os\x8c\x06system\x93.").unwrap_err();
    assert!(
        error.hint().unwrap().contains("never executes"),
        "{error:?}"
    );
}

#[test]
fn every_changed_byte_is_an_error_or_changes_nothing() {
    let original = artifact();
    let bytes = original.clone().encode().unwrap();
    for at in 0..bytes.len() {
        for change in [0x01, 0x20, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            if let Ok(decoded) = Artifact::decode(&changed) {
                assert_eq!(decoded, original, "byte {at} changed by {change:#x}");
            }
        }
    }
}

#[test]
fn every_shortened_artifact_is_an_error() {
    let bytes = artifact().encode().unwrap();
    for length in 0..bytes.len() {
        assert!(Artifact::decode(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_payload_is_checked_before_it_is_decoded() {
    let payload = |codec: &str, bytes: &[u8]| Payload {
        codec: codec.into(),
        bytes: bytes.into(),
    };
    let read = |payload: Payload| payload.to_plain::<Vec<u32>>().unwrap_err();
    let deep = [
        b"\x80\x03".to_vec(),
        b"]".repeat(200_000),
        b"a".repeat(199_999),
        b".".to_vec(),
    ];
    assert!(matches!(
        read(payload(PLAIN_CODEC, &deep.concat())),
        ArtifactError::Payload { .. }
    ));
    assert!(matches!(
        read(payload("cloudpickle", b"")),
        ArtifactError::Codec { .. }
    ));
    assert!(matches!(
        read(payload(PLAIN_CODEC, b"\x80\x03N.")),
        ArtifactError::PayloadShape { .. }
    ));
}

mod properties {
    use super::*;

    proptest! {
        #[test]
        fn random_bytes_are_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(Artifact::decode(&bytes).is_err());
            prop_assert!(Artifact::decode(&[b"\x80\x03", bytes.as_slice()].concat()).is_err());
        }

        #[test]
        fn spliced_artifacts_are_an_error_or_the_original(
            cut in any::<prop::sample::Index>(), paste in any::<prop::sample::Index>(),
            length in 1_usize..40,
        ) {
            let original = artifact();
            let bytes = original.clone().encode().unwrap();
            let (cut, paste) = (cut.index(bytes.len()), paste.index(bytes.len()));
            let piece = &bytes[cut..(cut + length).min(bytes.len())];
            let mut spliced = bytes[..paste].to_vec();
            spliced.extend_from_slice(piece);
            spliced.extend_from_slice(&bytes[paste..]);
            if let Ok(decoded) = Artifact::decode(&spliced) {
                prop_assert_eq!(decoded, original);
            }
        }
    }
}

/// Python with numpy, or `None` with a line that says so.
fn oracle_python() -> Option<String> {
    let python = std::env::var("EPYCLOUD_ORACLE_PYTHON").ok();
    if python.is_none() {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON is not set");
    }
    python
}

#[test]
fn pythons_standard_library_opens_an_artifact() {
    let Some(python) = oracle_python() else {
        return;
    };
    let numbers: Vec<u8> = [1.5_f64, -2.0, 0.25]
        .iter()
        .flat_map(|x| x.to_le_bytes())
        .collect();
    #[derive(Serialize)]
    struct Plain {
        dtype: &'static str,
        shape: Vec<u64>,
        #[serde(with = "serde_bytes")]
        data: Vec<u8>,
    }
    let payload = Payload::plain(&Plain {
        dtype: "<f8",
        shape: vec![3],
        data: numbers,
    })
    .unwrap();
    let bytes = Artifact {
        payload,
        ..artifact()
    }
    .encode()
    .unwrap();
    let mut packed = vec![0; 2 * bytes.len() + 100];
    let length = libdeflater::Compressor::new(libdeflater::CompressionLvl::fastest())
        .gzip_compress(&bytes, &mut packed)
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("result_00003.pkl.gz");
    #[expect(clippy::disallowed_methods, reason = "a file of a test")]
    std::fs::write(&file, &packed[..length]).unwrap();
    let program = r#"
import gzip, hashlib, json, pickle, sys
artifact = pickle.load(gzip.open(sys.argv[1]))
assert hashlib.sha256(artifact["payload"]).hexdigest() == artifact["payload_sha256"]
header = {k: v for k, v in artifact.items() if k not in ("payload", "header_sha256")}
text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
assert hashlib.sha256(text.encode()).hexdigest() == artifact["header_sha256"], text
array = pickle.loads(artifact["payload"])
assert not {"numpy", "serde"} & set(sys.modules)
import numpy
values = numpy.frombuffer(array["data"], array["dtype"]).reshape(array["shape"])
print(artifact["kind"], artifact["seed"], artifact["delta_t"], values.tolist())
"#;
    let output = Command::new(python)
        .args(["-c", program])
        .arg(&file)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "result 9223372036854775807 0.2 [1.5, -2.0, 0.25]"
    );
}
