//! What there is, and what was asked.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::faults::{Fault, Misbehaviour};
use super::requests::Recorded;

#[derive(Debug)]
pub(super) struct State {
    pub(super) jobs: Vec<Value>,
    pub(super) executions: Vec<Value>,
    pub(super) log: Vec<Value>,
    pub(super) builds: Vec<Value>,
    /// How builds stand when they are created.
    pub(super) build_status: String,
    pub(super) secrets: BTreeMap<String, String>,
    /// By bucket and path.
    pub(super) objects: BTreeMap<String, Value>,
    pub(super) plays: Vec<(String, VecDeque<Value>)>,
    pub(super) page_size: usize,
    pub(super) faults: Vec<Fault>,
    pub(super) requests: Vec<Recorded>,
    pub(super) created: usize,
    pub(super) takes_signed_tokens: bool,
    tokens: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            jobs: Vec::new(),
            executions: Vec::new(),
            log: Vec::new(),
            builds: Vec::new(),
            build_status: "QUEUED".to_owned(),
            secrets: BTreeMap::new(),
            objects: BTreeMap::new(),
            plays: Vec::new(),
            page_size: 1_000,
            faults: Vec::new(),
            requests: Vec::new(),
            created: 0,
            takes_signed_tokens: false,
            tokens: 0,
        }
    }
}

impl State {
    /// The token that is good now: a text that is easily searched for.
    pub(super) fn token(&self) -> String {
        format!("ya29.fake-token-{}", self.tokens)
    }

    /// Whether a request bears a token that is good. A signed one (a JSON Web Token) has three
    /// parts; who signed it isn't looked at.
    pub(super) fn takes(&self, request: &Recorded) -> bool {
        let token = request
            .header("authorization")
            .and_then(|text| text.strip_prefix("Bearer "));
        token.is_some_and(|token| {
            let is_signed = token.starts_with("ey") && token.split('.').count() == 3;
            token == self.token() || (self.takes_signed_tokens && is_signed)
        })
    }

    pub(super) fn expire_token(&mut self) {
        self.tokens += 1;
    }

    /// The misbehaviour that is due for a request.
    pub(super) fn due(&mut self, request: &Recorded) -> Option<Misbehaviour> {
        let fault = self.faults.iter_mut().find(|fault| {
            fault.times > 0
                && request.path.contains(&fault.path_contains)
                && fault.method.is_none_or(|method| method == request.method)
        })?;
        fault.times -= 1;
        Some(fault.misbehaviour.clone())
    }

    /// Takes what is to be different at this time of reading.
    pub(super) fn next_play(&mut self, name: &str) {
        let due = self
            .plays
            .iter_mut()
            .find(|(part, _)| name.contains(part.as_str()));
        let changes = due.and_then(|(_, states)| {
            if states.len() > 1 {
                states.pop_front()
            } else {
                states.front().cloned()
            }
        });
        if let Some(changes) = changes {
            self.change(name, &changes);
        }
    }

    pub(super) fn change(&mut self, name: &str, changes: &Value) {
        let mut all = self.jobs.iter_mut().chain(&mut self.executions);
        let found = all.rfind(|item| {
            let known = item["name"].as_str();
            known.is_some_and(|known| known.ends_with(name))
        });
        let item = found.unwrap_or_else(|| unknown(name));
        merge(item, changes);
    }
}

#[expect(clippy::panic, reason = "a test that is wrong")]
fn unknown(name: &str) -> ! {
    panic!("there is nothing called {name}")
}

fn merge(item: &mut Value, changes: &Value) {
    match (item, changes) {
        (Value::Object(members), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(members.entry(name.clone()).or_insert(Value::Null), change);
            }
        }
        (item, change) => *item = change.clone(),
    }
}
