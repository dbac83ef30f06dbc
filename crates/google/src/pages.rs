//! Listings, from the first page to the last.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::Result;
use crate::client::Client;
use crate::error::GoogleError;
use crate::request::ApiRequest;

/// More pages than any listing here has.
const MOST_PAGES: usize = 100_000;

/// One page of a listing.
pub trait Page: DeserializeOwned {
    /// What is listed.
    type Item;

    /// What it holds, and the token of the next page if there is one.
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

impl Client {
    /// All that a listing holds, to its last page.
    ///
    /// # Errors
    ///
    /// See [`GoogleError`].
    pub async fn list<P: Page>(&self, request: &ApiRequest) -> Result<Vec<P::Item>> {
        self.list_some::<P>(request, |_| true, usize::MAX).await
    }

    /// The first `most` of what is listed and wanted: pages are fetched until there are as many,
    /// however few of each page are wanted.
    ///
    /// # Errors
    ///
    /// See [`GoogleError`].
    pub async fn list_some<P: Page>(
        &self,
        request: &ApiRequest,
        mut is_wanted: impl FnMut(&P::Item) -> bool,
        most: usize,
    ) -> Result<Vec<P::Item>> {
        let mut found = Vec::new();
        let mut tokens = BTreeSet::new();
        let mut page = request.clone();
        while found.len() < most {
            let (items, next) = self.send::<P>(&page).await?.into_parts();
            found.extend(
                items
                    .into_iter()
                    .filter(&mut is_wanted)
                    .take(most - found.len()),
            );
            let Some(token) = next.filter(|token| !token.is_empty()) else {
                break;
            };
            page = request.page(&token);
            if !tokens.insert(token) || tokens.len() > MOST_PAGES {
                return Err(GoogleError::EndlessPages {
                    purpose: request.purpose.clone(),
                });
            }
        }
        Ok(found)
    }
}

/// Implements [`Page`] for a struct with a list and `next_page_token`.
macro_rules! page {
    ($name:ident, $list:ident, $json:literal, $item:ty) => {
        #[derive(Debug, Default, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        #[doc = concat!("One page of `", $json, "`.")]
        pub struct $name {
            #[serde(rename = $json)]
            $list: Vec<$item>,
            next_page_token: Option<String>,
        }

        impl $crate::pages::Page for $name {
            type Item = $item;

            fn into_parts(self) -> (Vec<$item>, Option<String>) {
                (self.$list, self.next_page_token)
            }
        }
    };
}
pub(crate) use page;
