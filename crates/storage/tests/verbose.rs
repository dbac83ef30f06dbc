//! Reads and writes are logged when that is asked for, as the original logs them, and never else.
#![expect(clippy::unwrap_used, reason = "its helpers fail the test")]

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use epycloud_storage::{LoadOptions, SaveOptions, Storage};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_of(storage: &Storage) -> String {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .without_time()
        .with_target(false)
        .with_ansi(false)
        .finish();
    tracing::subscriber::with_default(subscriber, || futures::executor::block_on(use_it(storage)));
    let bytes = lines.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

async fn use_it(storage: &Storage) {
    let path = "flu/input.pkl".parse().unwrap();
    storage
        .save_bytes(&path, vec![0; 1_024], &SaveOptions::default())
        .await
        .unwrap();
    storage
        .load_bytes(&path, &LoadOptions::default())
        .await
        .unwrap();
    let mut writer = storage.writer(&"flu/streamed".parse().unwrap());
    writer.write([0; 3]).await.unwrap();
    writer.finish().await.unwrap();
    storage.list(None).await.unwrap();
    storage.delete(&path).await.unwrap();
}

#[test]
fn a_verbose_storage_logs_what_it_moves() {
    assert_eq!(
        log_of(&Storage::in_memory().verbose(true)),
        "DEBUG Wrote 1,024 bytes to memory:/flu/input.pkl\n\
         DEBUG Read 1,024 bytes from memory:/flu/input.pkl\n\
         DEBUG Wrote 3 bytes to memory:/flu/streamed\n\
         DEBUG Listed 2 objects in memory:\n\
         DEBUG Deleted memory:/flu/input.pkl\n"
    );
}

#[test]
fn any_other_storage_is_silent() {
    assert_eq!(log_of(&Storage::in_memory()), "");
}
