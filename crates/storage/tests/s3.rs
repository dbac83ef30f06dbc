//! S3's protocol, against PyPI's moto in the tests' Python environment.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use epycloud_config::Environment;
use epycloud_storage::{Storage, conformance};

/// Prints its address once it answers, and ends with its standard input.
const SERVER: &str = "
import sys
from moto.server import ThreadedMotoServer
import boto3
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f'http://{host}:{port}'
keys = dict(aws_access_key_id='x', aws_secret_access_key='x', region_name='us-east-1')
boto3.client('s3', endpoint_url=url, **keys).create_bucket(Bucket='lab-bucket')
print(url, flush=True)
sys.stdin.read()
";

/// A server in a process of its own.
struct Moto {
    child: Child,
    url: String,
}

impl Moto {
    /// `None` where no Python has it.
    fn start() -> Option<Self> {
        let python = std::env::var_os("EPYCLOUD_ORACLE_PYTHON")?;
        let mut child = Command::new(python)
            .args(["-c", SERVER])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut url = String::new();
        let mut lines = BufReader::new(child.stdout.take()?);
        lines.read_line(&mut url).ok()?;
        let url = url.trim().to_owned();
        if url.is_empty() {
            let _ = child.wait();
            return None;
        }
        Some(Self { child, url })
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn s3_conforms() {
    let Some(moto) = Moto::start() else {
        eprintln!("skipped: EPYCLOUD_ORACLE_PYTHON names no Python with moto[server] and boto3");
        return;
    };
    let environment = Environment::from_pairs([
        ("AWS_ENDPOINT_URL", moto.url.as_str()),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "us-east-1"),
    ]);
    let storage = Storage::open_with("s3://lab-bucket/team", &environment).unwrap();
    let report = conformance::run_all(|| async { Ok(storage.clone()) }).await;
    assert!(report.is_ok(), "{report}");
}
