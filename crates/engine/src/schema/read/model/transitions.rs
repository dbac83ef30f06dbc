//! `transitions`.

use epycloud_errors::nearest;

use super::super::fields::Fields;
use super::super::reader::{Item, Reader};
use super::Context;
use super::compartments::Compartments;
use crate::schema::basemodel::{Rate, Transition, TransitionKind};

const TYPES: &[&str] = &["spontaneous", "mediated", "multi_mediated", "vaccination"];
const KEYS: &[&str] = &["type", "source", "target", "rate", "mediator", "mediators"];

/// The transitions, as far as they could be read.
pub(super) struct Transitions(Vec<Draft>);

/// One transition of the document; `multi_mediated` makes several.
struct Draft {
    source: Option<String>,
    target: Option<String>,
    kinds: Option<Vec<TransitionKind>>,
}

impl Transitions {
    /// Source and target of each, if all could be read.
    pub(super) fn pairs(&self) -> Option<Vec<(String, String)>> {
        self.0
            .iter()
            .map(|draft| Some((draft.source.clone()?, draft.target.clone()?)))
            .collect()
    }

    /// Whether one is driven by vaccination, or may be.
    pub(super) fn has_vaccination(&self) -> bool {
        self.0.iter().any(|draft| match &draft.kinds {
            Some(kinds) => kinds.contains(&TransitionKind::Vaccination),
            None => true,
        })
    }

    pub(super) fn finish(self) -> Option<Vec<Transition>> {
        let mut transitions = Vec::new();
        for draft in self.0 {
            let (source, target) = (draft.source?, draft.target?);
            for kind in draft.kinds? {
                let (source, target) = (source.clone(), target.clone());
                transitions.push(Transition {
                    source,
                    target,
                    kind,
                });
            }
        }
        Some(transitions)
    }
}

impl<'d> Reader<'d> {
    pub(super) fn transitions(
        &mut self,
        item: &Item<'d>,
        context: &Context<'_>,
    ) -> Option<Transitions> {
        let elements = self.elements(item, "a list of transitions")?;
        if elements.is_empty() {
            self.expected(item, "at least one transition");
            return None;
        }
        let drafts = elements
            .iter()
            .map(|element| self.transition(element, context))
            .collect();
        Some(Transitions(drafts))
    }

    fn transition(&mut self, item: &Item<'d>, context: &Context<'_>) -> Draft {
        let Some(fields) = self.fields(item, KEYS) else {
            return Draft {
                source: None,
                target: None,
                kinds: None,
            };
        };
        let source_item = self.required(&fields, "source");
        let source = source_item
            .as_ref()
            .and_then(|item| self.compartment_id(item, context));
        let target_item = self.required(&fields, "target");
        let target = target_item
            .as_ref()
            .and_then(|item| self.compartment_id(item, context));
        if let (Some(item), true) = (&target_item, source.is_some() && source == target) {
            self.warn(item, "the transition leads back to its source", None);
        }
        let kind = self
            .required(&fields, "type")
            .and_then(|item| self.choice(&item, TYPES));
        let kinds = kind.and_then(|kind| self.kinds(&fields, kind, context));
        if kind == Some("vaccination")
            && let Some(item) = &source_item
        {
            self.check_vaccinated(item, source.as_deref(), context);
        }
        Draft {
            source,
            target,
            kinds,
        }
    }

    fn kinds(
        &mut self,
        fields: &Fields<'d>,
        kind: &'static str,
        context: &Context<'_>,
    ) -> Option<Vec<TransitionKind>> {
        let unwanted: &[&str] = match kind {
            "spontaneous" => &["mediator", "mediators"],
            "mediated" => &["mediators"],
            "multi_mediated" => &["rate", "mediator"],
            _ => &["rate", "mediator", "mediators"],
        };
        self.forbid(fields, unwanted, &format!("a transition of type `{kind}`"));
        match kind {
            "spontaneous" => {
                let rate = self.transition_rate(fields, context)?;
                Some(vec![TransitionKind::Spontaneous { rate }])
            }
            "mediated" => {
                let rate = self.transition_rate(fields, context);
                let mediator = self.required(fields, "mediator");
                let mediator = mediator.and_then(|item| self.compartment_id(&item, context));
                Some(vec![TransitionKind::Mediated {
                    rate: rate?,
                    mediator: mediator?,
                }])
            }
            "multi_mediated" => self.multi_mediated(fields, context),
            _ => Some(vec![TransitionKind::Vaccination]),
        }
    }

    /// One mediated transition for each mediator and each of its compartments, which is what the
    /// schema's form means; the suite's builder leaves such transitions out.
    fn multi_mediated(
        &mut self,
        fields: &Fields<'d>,
        context: &Context<'_>,
    ) -> Option<Vec<TransitionKind>> {
        let item = self.required(fields, "mediators")?;
        let elements = self.elements(&item, "a list of mediators")?;
        if elements.is_empty() {
            self.expected(&item, "at least one mediator");
            return None;
        }
        let mut kinds = Some(Vec::new());
        for element in &elements {
            let read = self.mediator(element, context);
            kinds = kinds.zip(read).map(|(mut kinds, mut read)| {
                kinds.append(&mut read);
                kinds
            });
        }
        if let Some(kinds) = &kinds {
            let message = format!(
                "read as {} mediated transitions; the python engine leaves them out",
                kinds.len()
            );
            self.warn(&item, message, None);
        }
        kinds
    }

    fn mediator(&mut self, item: &Item<'d>, context: &Context<'_>) -> Option<Vec<TransitionKind>> {
        let fields = self.fields(item, &["rate", "source"])?;
        let rate = self.transition_rate(&fields, context);
        let sources = self.required(&fields, "source")?;
        let elements = self.elements(&sources, "a list of compartments")?;
        if elements.is_empty() {
            self.expected(&sources, "at least one compartment");
        }
        let mediators: Vec<Option<String>> = elements
            .iter()
            .map(|element| self.compartment_id(element, context))
            .collect();
        let (rate, mediators) = (rate?, mediators.into_iter().collect::<Option<Vec<_>>>()?);
        let mediated = |mediator| TransitionKind::Mediated {
            rate: rate.clone(),
            mediator,
        };
        Some(mediators.into_iter().map(mediated).collect())
    }

    fn transition_rate(&mut self, fields: &Fields<'d>, context: &Context<'_>) -> Option<Rate> {
        let item = self.required(fields, "rate")?;
        let rate = self.rate(&item)?;
        match &rate {
            Rate::Number(value) if *value < 0.0 => {
                self.expected(&item, "a rate of at least 0");
                return None;
            }
            Rate::Number(_) => {}
            Rate::Expression(text) => {
                if let Some(parameters) = context.parameters {
                    self.check_rate(&item, text, parameters);
                }
            }
        }
        Some(rate)
    }

    /// The ID of a compartment that is there.
    pub(super) fn compartment_id(
        &mut self,
        item: &Item<'_>,
        context: &Context<'_>,
    ) -> Option<String> {
        let id = self.name(item)?;
        let Some(ids) = context.compartments.and_then(Compartments::ids) else {
            return Some(id);
        };
        if ids.contains(&id) {
            return Some(id);
        }
        let message = format!("`{id}` is not a compartment");
        let hint = match nearest(&id, ids.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are: {}", ids.join(", ")),
        };
        self.error_with_hint(item, message, hint);
        None
    }

    fn check_vaccinated(&mut self, item: &Item<'_>, source: Option<&str>, context: &Context<'_>) {
        match (context.vaccination, source) {
            (None, _) => self.error_with_hint(
                item,
                "a vaccination transition needs the section `vaccination`",
                "say there where the doses come from",
            ),
            (Some(Some(vaccination)), Some(source)) if vaccination.origin_compartment != source => {
                let origin = &vaccination.origin_compartment;
                let message = format!("vaccination starts in `{origin}`, not in `{source}`");
                self.error_with_hint(item, message, "see `vaccination.origin_compartment`");
            }
            _ => {}
        }
    }
}
