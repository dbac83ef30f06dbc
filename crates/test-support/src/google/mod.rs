//! Google's services on this machine: a server that behaves as their documentation says, misbehaves
//! where a test scripts it, and remembers every request, so that a test can search them.
//!
//! `EPYCLOUD_GOOGLE_ENDPOINT` names it for the services, `GCE_METADATA_HOST` for credentials.

mod batch;
mod batch_machine;
mod faults;
mod fields;
mod filter;
mod requests;
mod server;
mod services;
mod state;

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::Value;

pub use batch_machine::{BatchMachines, Execution, Mishap, Program};
pub use faults::{Fault, Misbehaviour};
pub use requests::Recorded;

use crate::http::Server;
use state::State;

/// The region that everything in it is in.
pub const PLACE: &str = "projects/my-project/locations/us-central1";
/// The workflow that executions are of.
pub const WORKFLOW: &str = "epymodelingsuite-pipeline";

/// A server that plays Batch, Workflows and their executions, Cloud Logging, Cloud Build, Secret
/// Manager, Compute Engine, the objects of a bucket and a metadata server.
pub struct FakeGoogle {
    state: Arc<Mutex<State>>,
    server: Server,
}

impl FakeGoogle {
    /// Starts one on a port of its own.
    ///
    /// # Panics
    ///
    /// No port can be listened on.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test can't go on without")]
    pub fn start() -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let server = server::start(Arc::clone(&state)).expect("a port");
        Self { state, server }
    }

    /// Its address, for `EPYCLOUD_GOOGLE_ENDPOINT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Its host and port, for `GCE_METADATA_HOST`.
    #[must_use]
    pub fn host(&self) -> String {
        self.server.host()
    }

    /// The token that is good now.
    #[must_use]
    pub fn token(&self) -> String {
        self.state().token()
    }

    /// Makes the token that was given out a bad one; the metadata server gives a new one.
    pub fn expire_token(&self) {
        self.state().expire_token();
    }

    /// Takes the tokens, too, that the key of a service account signs.
    pub fn take_signed_tokens(&self) {
        self.state().takes_signed_tokens = true;
    }

    /// Puts a job there, which has a `name` below [`PLACE`].
    pub fn put_job(&self, job: Value) {
        self.state().jobs.push(job);
    }

    /// A job as it stands, by its ID; `null` if there is none.
    #[must_use]
    pub fn job(&self, id: &str) -> Value {
        let name = format!("{PLACE}/jobs/{id}");
        let state = self.state();
        let found = state.jobs.iter().find(|job| job["name"] == name);
        found.cloned().unwrap_or_default()
    }

    /// Puts an execution there, the latest so far.
    pub fn put_execution(&self, execution: Value) {
        self.state().executions.insert(0, execution);
    }

    /// How the builds stand that are created from now on.
    pub fn build_as(&self, status: &str) {
        status.clone_into(&mut self.state().build_status);
    }

    /// Puts an entry into the log.
    pub fn put_log(&self, entry: Value) {
        self.state().log.push(entry);
    }

    /// Puts a secret there.
    pub fn put_secret(&self, name: &str, value: &str) {
        let value = value.to_owned();
        self.state().secrets.insert(name.to_owned(), value);
    }

    /// Puts a JSON object into a bucket.
    pub fn put_object(&self, bucket: &str, path: &str, content: Value) {
        let path = format!("{bucket}/{path}");
        self.state().objects.insert(path, content);
    }

    /// The jobs there are, the oldest first.
    #[must_use]
    pub fn jobs(&self) -> Vec<Value> {
        self.state().jobs.clone()
    }

    /// Makes a job that is there no longer so.
    pub fn remove_job(&self, name: &str) {
        let is_it = |job: &Value| {
            job["name"]
                .as_str()
                .is_some_and(|known| known.ends_with(name))
        };
        self.state().jobs.retain(|job| !is_it(job));
    }

    /// Changes members of a job or an execution by the end of its name.
    ///
    /// # Panics
    ///
    /// There is none.
    pub fn change(&self, name: &str, changes: &Value) {
        self.state().change(name, changes);
    }

    /// What a job will be like once it has been read so many times; the first entry is for the
    /// first time. The last stays.
    pub fn play(&self, name_contains: &str, states: Vec<Value>) {
        let states = states.into_iter().collect();
        self.state().plays.push((name_contains.to_owned(), states));
    }

    /// How many a page holds.
    pub fn set_page_size(&self, items: usize) {
        self.state().page_size = items;
    }

    /// Makes it misbehave.
    pub fn script(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Ends all that was scripted.
    pub fn behave(&self) {
        self.state().faults.clear();
    }

    /// All that was asked, in order.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.state().requests.clone()
    }

    /// What was asked of a path that contains a text.
    #[must_use]
    pub fn requests_to(&self, path_contains: &str) -> Vec<Recorded> {
        let mut all = self.requests();
        all.retain(|request| request.path.contains(path_contains));
        all
    }

    fn state(&self) -> MutexGuard<'_, State> {
        match self.state.lock() {
            Ok(state) => state,
            Err(poisoned) => poisoned.into_inner(),
        }
    }
}
