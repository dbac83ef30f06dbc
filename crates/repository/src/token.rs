//! Whose token opens a repository that isn't public.

use epycloud_config::{Environment, GoogleEndpoint, GoogleSettings, ProjectId, SecretName};
use epycloud_errors::Secret;
use epycloud_storage::Patience;

use crate::Result;
use crate::error::RepositoryError;
use crate::secret;

/// Where a token is found, if one is needed.
#[derive(Debug, Clone, Default)]
pub struct Tokens {
    given: Option<Secret>,
    kept: Option<(ProjectId, SecretName)>,
    environment: Environment,
}

impl Tokens {
    /// None: what isn't public can't be fetched.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One that is known (`GITHUB_PAT`).
    #[must_use]
    pub fn known(token: Secret) -> Self {
        Self {
            given: Some(token),
            ..Self::default()
        }
    }

    /// One that Secret Manager keeps (`GITHUB_PAT_SECRET` in `GCLOUD_PROJECT_ID`); it is asked
    /// only when it is needed, with the credentials of the machine's metadata server. The
    /// environment says where both are, if not at their usual places.
    #[must_use]
    pub fn kept_in(project: ProjectId, secret: SecretName, environment: &Environment) -> Self {
        Self {
            given: None,
            kept: Some((project, secret)),
            environment: environment.clone(),
        }
    }

    /// The known one.
    pub(crate) const fn given(&self) -> Option<&Secret> {
        self.given.as_ref()
    }

    /// The one that Secret Manager keeps, if it is to be asked.
    pub(crate) async fn kept(&self, patience: &Patience) -> Result<Option<Secret>> {
        let Some((project, name)) = &self.kept else {
            return Ok(None);
        };
        let settings = GoogleSettings::from_environment(&self.environment).map_err(|error| {
            RepositoryError::Secret {
                secret: name.to_string(),
                project: project.to_string(),
                reason: error.to_string(),
                temporary: false,
            }
        })?;
        let host = self.environment.get("GCE_METADATA_HOST");
        let endpoint = settings.endpoint.as_ref().map(GoogleEndpoint::as_str);
        let places = secret::Places::new(endpoint, host);
        patience
            .insist(
                || secret::read(&places, project, name),
                RepositoryError::is_temporary,
            )
            .await
            .map(Some)
    }
}
