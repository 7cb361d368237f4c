//! Pages that intermediaries send in place of the API: maintenance, login, captive portals, firewalls and gateways.

use serde::Deserialize;

/// A response that does not come from the API. Created by [`Fault::intermediary`](crate::Fault::intermediary).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map such as {page: login_200}")]
pub struct Intermediary {
    pub(crate) page: IntermediaryPage,
    #[serde(default)]
    pub(crate) processed: bool,
}

/// The form of an intermediary's body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PageForm {
    Html,
    /// JSON without the API's error code.
    Json,
    Text,
    Empty,
}

macro_rules! pages {
    ($($(#[doc = $doc:literal])* $page:ident $name:literal $status:literal $form:ident $text:literal $($location:literal)?;)*) => {
        /// The page that a [`Fault::intermediary`](crate::Fault::intermediary) sends. The number in a name is the status.
        ///
        /// None of them has the form that the API documents for a success or an error.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
        #[non_exhaustive]
        pub enum IntermediaryPage {
            $($(#[doc = $doc])* #[serde(rename = $name)] $page,)*
        }

        impl IntermediaryPage {
            /// Every page.
            pub const ALL: &[Self] = &[$(Self::$page),*];

            /// Returns the name in fault scripts, such as `login_200`.
            ///
            /// ```
            /// assert_eq!(genesiscloud_sandbox::IntermediaryPage::Login200.name(), "login_200");
            /// ```
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$page => $name,)*
                }
            }

            /// Returns the status that the page is sent with.
            ///
            /// ```
            /// assert_eq!(genesiscloud_sandbox::IntermediaryPage::Firewall418.status(), 418);
            /// ```
            pub fn status(self) -> u16 {
                match self {
                    $(Self::$page => $status,)*
                }
            }

            pub(crate) fn form(self) -> PageForm {
                match self {
                    $(Self::$page => PageForm::$form,)*
                }
            }

            /// Returns the text of the page.
            pub(crate) fn text(self) -> &'static str {
                match self {
                    $(Self::$page => $text,)*
                }
            }

            /// Returns where the page redirects to.
            pub(crate) fn location(self) -> Option<&'static str> {
                match self {
                    $(Self::$page => [$($location,)? ""].first().copied().filter(|location| !location.is_empty()),)*
                }
            }
        }
    };
}

pages! {
    /// A maintenance page with a success status.
    Maintenance200 "maintenance_200" 200 Html "We are down for maintenance";
    /// A maintenance page.
    Maintenance503 "maintenance_503" 503 Html "We are down for maintenance";
    /// A login page of a single sign-on proxy.
    Login200 "login_200" 200 Html "Please sign in";
    /// A login page in place of a captive portal's redirect.
    CaptivePortal200 "captive_portal_200" 200 Html "Accept the terms to use this network";
    /// A redirect to the login page of a captive portal.
    CaptivePortal302 "captive_portal_302" 302 Html "Found" "http://login.portal.invalid/?origin=api";
    /// A captive portal that says so, as RFC 6585 defines it.
    CaptivePortal511 "captive_portal_511" 511 Html "Network Authentication Required";
    /// A web application firewall's page for a blocked request.
    Firewall403 "firewall_403" 403 Html "Request blocked";
    /// A firewall that rejects the method.
    Firewall405 "firewall_405" 405 Html "Method Not Allowed";
    /// A firewall that rejects the `Accept` header.
    Firewall406 "firewall_406" 406 Html "Not Acceptable";
    /// A firewall that rejects what it takes for a bot.
    Firewall418 "firewall_418" 418 Html "Automated requests are not welcome";
    /// JSON of a proxy with a success status, without a resource.
    Proxy200Json "proxy_200_json" 200 Json "maintenance";
    /// A proxy that cannot read the request.
    Proxy400Html "proxy_400_html" 400 Html "Bad Request";
    /// The same in JSON.
    Proxy400Json "proxy_400_json" 400 Json "bad request";
    /// A proxy that asks for a login of its own.
    Proxy401Html "proxy_401_html" 401 Html "Authorization Required";
    /// The same in JSON.
    Proxy401Json "proxy_401_json" 401 Json "no session";
    /// A proxy that has no route for the request.
    Proxy404Html "proxy_404_html" 404 Html "Not Found";
    /// The same in JSON.
    Proxy404Json "proxy_404_json" 404 Json "no route matched";
    /// A proxy that rejects the content of the request.
    Proxy422Html "proxy_422_html" 422 Html "Unprocessable Entity";
    /// The same in JSON.
    Proxy422Json "proxy_422_json" 422 Json "unprocessable entity";
    /// A content delivery network that got an unknown response.
    Gateway520 "gateway_520" 520 Text "error code: 520";
    /// A content delivery network whose connection was refused.
    Gateway521 "gateway_521" 521 Text "error code: 521";
    /// A content delivery network whose connection timed out.
    Gateway522 "gateway_522" 522 Text "error code: 522";
    /// A content delivery network that has no route to the API.
    Gateway523 "gateway_523" 523 Text "error code: 523";
    /// A content delivery network whose request timed out after it was sent.
    Gateway524 "gateway_524" 524 Text "error code: 524";
    /// A content delivery network whose TLS handshake failed.
    Gateway525 "gateway_525" 525 Html "SSL handshake failed";
    /// A content delivery network that does not trust the certificate.
    Gateway526 "gateway_526" 526 Html "Invalid SSL certificate";
    /// An overloaded gateway.
    Gateway529 "gateway_529" 529 Text "site is overloaded";
    /// A content delivery network that cannot resolve the API's name.
    Gateway530 "gateway_530" 530 Html "Origin DNS error";
    /// A redirect to another resource, which is to be read with `GET`.
    SeeOther303 "see_other_303" 303 Empty "" "/compute/v1/quotas";
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FaultScript;
    use crate::response::{ApiResponse, ResponseBody};

    #[test]
    fn no_page_has_the_form_of_the_api() {
        for &page in IntermediaryPage::ALL {
            let response = ApiResponse::intermediary(page);
            assert_eq!(response.status, page.status());
            assert!(page.name().contains(&page.status().to_string()), "{page:?}");
            if let ResponseBody::Json(body) = response.body {
                assert!(body.get("code").is_none() && body.as_object().is_some_and(|body| body.len() == 1), "{body}");
            }
        }
    }

    #[test]
    fn the_readme_documents_every_page_and_a_script_can_name_it() {
        let readme = include_str!("../../README.md");
        for &page in IntermediaryPage::ALL {
            let name = page.name();
            assert!(readme.contains(&format!("`{name}`")), "{name} is not documented");
            let script = format!("rules: [{{ on: '*', fault: {{ intermediary: {{ page: {name} }} }} }}]");
            script.parse::<FaultScript>().unwrap();
        }
    }
}
