//! The vendored document as a contract: which operation a request asks for, and whether request and answer keep to it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::{Map, Value, json};

/// The API's OpenAPI document, ready to check against.
pub struct Contract {
    document: Value,
    operations: Vec<Operation>,
    routes: matchit::Router<BTreeMap<String, usize>>,
    error: Validator,
}

/// An operation of the document.
pub(crate) struct Operation {
    id: String,
    success: u16,
    parameters: Vec<Parameter>,
    body: Option<Validator>,
    answer: Option<Answer>,
}

struct Parameter {
    name: String,
    place: String,
    is_integer: bool,
    schema: Validator,
}

struct Answer {
    schema: Value,
    validator: Validator,
}

/// What a request is, or why it is none.
pub(crate) enum Route<'a> {
    Operation(&'a Operation, Vec<(String, String)>),
    OtherMethods(Vec<&'a str>),
    Unknown,
}

/// Where a request or an answer leaves the document, without the value that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Whether something that must be there is not.
    pub(crate) is_missing: bool,
    message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Violation {}

impl Violation {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { is_missing: false, message: message.into() }
    }
}

/// The path before all paths of the document.
pub(crate) const BASE: &str = "/compute/v1";

const URI: &str = "urn:genesiscloud:compute-v1";

impl Contract {
    /// The contract of the vendored document, made once per process.
    ///
    /// ```
    /// use genesiscloud_sandbox::Contract;
    /// assert_eq!(Contract::vendored().operation_ids().count(), 45);
    /// ```
    pub fn vendored() -> &'static Self {
        static CONTRACT: OnceLock<Contract> = OnceLock::new();
        CONTRACT.get_or_init(|| {
            let document = serde_norway::from_str(genesiscloud_bindings::DOCUMENT).expect("the document is YAML");
            Self::new(document)
        })
    }

    fn new(document: Value) -> Self {
        let mut schemas = document.clone();
        let resolved = |node: &Value| resolved(&document, node).clone();
        // What the document shares by reference stays so; only what JSON Schema spells otherwise is changed.
        nullable_as_type(&mut schemas);
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(URI, schemas)
            .and_then(jsonschema::RegistryBuilder::prepare)
            .expect("the document's references lead somewhere");
        let validator = |pointer: &str| {
            jsonschema::options()
                .with_draft(Draft::Draft4)
                .with_registry(&registry)
                .should_validate_formats(true)
                .build(&json!({ "$ref": format!("{URI}#{}", percent_encode(pointer)) }))
                .expect("the document's schemas are sound")
        };
        let mut operations = Vec::new();
        let mut routes = BTreeMap::<String, BTreeMap<String, usize>>::new();
        for (template, path) in entries(&document["paths"]) {
            for (method, operation) in entries(path) {
                let place = format!("/paths/{}/{method}", escape(template));
                routes.entry(template.clone()).or_default().insert(method.to_uppercase(), operations.len());
                let (success, answer) = entries(&operation["responses"])
                    .find_map(|(status, answer)| Some((status.parse::<u16>().ok()?, answer)))
                    .expect("every operation has an answer");
                let answer_place =
                    answer["$ref"].as_str().map_or(format!("{place}/responses/{success}"), |it| it[1..].to_owned());
                let body_schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                let parameters = operation["parameters"].as_array().into_iter().flatten().enumerate();
                operations.push(Operation {
                    id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                    success,
                    parameters: parameters
                        .map(|(index, parameter)| {
                            let own = format!("{place}/parameters/{index}");
                            let pointer = parameter["$ref"].as_str().map_or(own, |it| it[1..].to_owned());
                            let parameter = resolved(parameter);
                            Parameter {
                                name: parameter["name"].as_str().unwrap_or_default().to_owned(),
                                place: parameter["in"].as_str().unwrap_or_default().to_owned(),
                                is_integer: resolved(&parameter["schema"])["type"] == "integer",
                                schema: validator(&format!("{pointer}/schema")),
                            }
                        })
                        .collect(),
                    body: (!body_schema.is_null())
                        .then(|| validator(&format!("{place}/requestBody/content/application~1json/schema"))),
                    answer: resolved(answer).get("content").map(|content| Answer {
                        schema: content["application/json"]["schema"].clone(),
                        validator: validator(&format!("{answer_place}/content/application~1json/schema")),
                    }),
                });
            }
        }
        let mut router = matchit::Router::new();
        for (template, methods) in routes {
            router.insert(template, methods).expect("paths of the document do not collide");
        }
        let error = validator("/components/schemas/Error");
        Self { operations, routes: router, error, document }
    }

    /// The document itself.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// Ids of all operations, in the document's order.
    ///
    /// ```
    /// use genesiscloud_sandbox::Contract;
    /// assert!(Contract::vendored().operation_ids().any(|id| id == "CreateInstance"));
    /// ```
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }

    /// What a method and a path below the base address ask for.
    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let Ok(found) = self.routes.at(path) else { return Route::Unknown };
        let Some(&index) = found.value.get(method) else {
            return Route::OtherMethods(found.value.keys().map(String::as_str).collect());
        };
        let parameters = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Route::Operation(&self.operations[index], parameters.collect())
    }

    /// Checks a request against the document: `path` is below the base address, without the query; `body` is what was
    /// sent, if anything was.
    ///
    /// # Errors
    /// Where the request first leaves the document.
    ///
    /// ```
    /// use genesiscloud_sandbox::Contract;
    ///
    /// let contract = Contract::vendored();
    /// let right = serde_json::json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
    /// assert_eq!(contract.check_request("POST", "/volumes", "", Some(&right)).unwrap(), "CreateVolume");
    ///
    /// let wrong = serde_json::json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": "much" });
    /// let error = contract.check_request("POST", "/volumes", "", Some(&wrong)).unwrap_err();
    /// assert_eq!(error.to_string(), "\"size\" must be an integer");
    /// ```
    pub fn check_request(
        &self,
        method: &str,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Result<&str, Violation> {
        let Route::Operation(operation, parameters) = self.route(method, path) else {
            return Err(Violation::new(format!("no operation answers {method} {path}")));
        };
        let parameters = parameters.into_iter().map(|(name, value)| {
            let decoded = percent_encoding::percent_decode_str(&value).decode_utf8_lossy().into_owned();
            (name, decoded)
        });
        operation.check_parameters("path", &parameters.collect::<Vec<_>>())?;
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
        operation.check_parameters("query", &query)?;
        operation.check_body(body)?;
        Ok(&operation.id)
    }

    /// Checks an answer against the document. `body` is what was sent, if anything was.
    ///
    /// # Errors
    /// Where the answer first leaves the document.
    ///
    /// ```
    /// use genesiscloud_sandbox::Contract;
    ///
    /// let contract = Contract::vendored();
    /// assert!(contract.check_answer("DeleteVolume", 204, None).is_ok());
    /// let error = contract.check_answer("DeleteVolume", 200, None).unwrap_err();
    /// assert_eq!(error.to_string(), "DeleteVolume does not answer 200");
    /// ```
    pub fn check_answer(&self, operation: &str, status: u16, body: Option<&Value>) -> Result<(), Violation> {
        let known = self.operations.iter().find(|known| known.id == operation);
        let operation = known.ok_or_else(|| Violation::new(format!("there is no operation {operation}")))?;
        let validator = if status == operation.success {
            operation.answer.as_ref().map(|answer| &answer.validator)
        } else if status >= 400 {
            Some(&self.error)
        } else {
            return Err(Violation::new(format!("{} does not answer {status}", operation.id)));
        };
        match (validator, body) {
            (Some(validator), Some(body)) => validator.validate(body).map_err(Violation::from),
            (None, None) => Ok(()),
            (Some(_), None) => Err(Violation::new(format!("{} answered {status} without a body", operation.id))),
            (None, Some(_)) => Err(Violation::new(format!("{} answered {status} with a body", operation.id))),
        }
    }

    /// Checks an answer that is no operation's: an error.
    pub(crate) fn check_error(&self, body: &Value) -> Result<(), Violation> {
        self.error.validate(body).map_err(Violation::from)
    }

    /// Calls `change` on everything in the value and on the value, each with its schema. What it adds is not visited.
    pub(crate) fn visit(&self, schema: &Value, value: &mut Value, change: &mut impl FnMut(&Value, &mut Value)) {
        let schema = resolved(&self.document, schema);
        match value {
            Value::Object(fields) => {
                for (name, field) in fields {
                    self.visit(&schema["properties"][name], field, change);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.visit(&schema["items"], item, change)),
            _ => {}
        }
        change(schema, value);
    }

    /// Fills in what the document requires of a resource and its type leaves out when empty: null, or an empty list.
    pub(crate) fn complete(&self, schema: &str, value: &mut Map<String, Value>) {
        let schema = &self.document["components"]["schemas"][schema];
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let property = &schema["properties"][name];
            if property["nullable"] == true {
                value.entry(name).or_insert(Value::Null);
            } else if property["type"] == "array" {
                value.entry(name).or_insert(json!([]));
            }
        }
    }
}

impl Operation {
    /// The id the document gives it, such as `CreateInstance`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// The status of its success.
    pub(crate) fn success(&self) -> u16 {
        self.success
    }

    pub(crate) fn takes_body(&self) -> bool {
        self.body.is_some()
    }

    /// Schema of its answer, if it has a body.
    pub(crate) fn answer(&self) -> Option<&Value> {
        self.answer.as_ref().map(|answer| &answer.schema)
    }

    /// Checks what was given in the path or in the query; what the document does not name is ignored.
    pub(crate) fn check_parameters(&self, place: &str, given: &[(String, String)]) -> Result<(), Violation> {
        for parameter in self.parameters.iter().filter(|parameter| parameter.place == place) {
            let mut values = given.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value);
            let Some(text) = values.next() else { continue };
            if values.next().is_some() {
                return Err(Violation::new(format!("\"{}\" is given more than once", parameter.name)));
            }
            let value = if parameter.is_integer { integer(text) } else { text.as_str().into() };
            parameter.schema.validate(&value).map_err(|error| Violation::at(&parameter.name, &error))?;
        }
        Ok(())
    }

    /// Checks a body.
    pub(crate) fn check_body(&self, body: Option<&Value>) -> Result<(), Violation> {
        match (&self.body, body) {
            (Some(validator), Some(body)) => validator.validate(body).map_err(Violation::from),
            (Some(_), None) => Err(Violation { is_missing: true, message: "the body is missing".into() }),
            (None, _) => Ok(()),
        }
    }
}

impl From<ValidationError<'_>> for Violation {
    fn from(error: ValidationError<'_>) -> Self {
        Self::at("", &error)
    }
}

impl Violation {
    /// Words of our own: the library's carry the value, which can be a password.
    fn at(parent: &str, error: &ValidationError<'_>) -> Self {
        let path = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
        let mut place = [parent, &path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let name = |place: &[&str]| match place {
            [] => "the body".to_owned(),
            place => format!("\"{}\"", place.join(".")),
        };
        if let ValidationErrorKind::Required { property } = error.kind() {
            place.extend(property.as_str());
            return Self { is_missing: true, message: format!("{} is required", name(&place)) };
        }
        let rule = match error.kind() {
            ValidationErrorKind::Type { kind: TypeKind::Single(kind) } => {
                format!("must be {}", article(&kind.to_string()))
            }
            ValidationErrorKind::Type { .. } => "must be of another type".to_owned(),
            ValidationErrorKind::Enum { options } => format!("must be one of {}", list(options)),
            ValidationErrorKind::Minimum { limit } => format!("must be {limit} or more"),
            ValidationErrorKind::Maximum { limit } => format!("must be {limit} or less"),
            ValidationErrorKind::Format { format } => format!("must be a {format}"),
            ValidationErrorKind::OneOfNotValid { .. } => "must have one of the documented forms".to_owned(),
            kind => format!("does not keep to \"{}\" of the document", kind.keyword()),
        };
        Self::new(format!("{} {rule}", name(&place)))
    }
}

/// An integer as it stands in a query; beyond what can be counted, it is the largest or the least. What is none stays text.
fn integer(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.into();
    }
    if digits.len() < text.len() {
        return text.parse().unwrap_or(i64::MIN).into();
    }
    text.parse().unwrap_or(u64::MAX).into()
}

fn article(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}

fn list(options: &Value) -> String {
    let options = options.as_array().into_iter().flatten();
    options.map(|option| option.as_str().unwrap_or("null")).collect::<Vec<_>>().join(", ")
}

fn entries(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.as_object().into_iter().flatten()
}

/// What a node refers to, or the node itself.
fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    node["$ref"].as_str().and_then(|reference| document.pointer(&reference[1..])).unwrap_or(node)
}

/// OpenAPI 3.0 says `nullable: true` where JSON Schema has a type `null`.
fn nullable_as_type(node: &mut Value) {
    match node {
        Value::Object(fields) => {
            fields.values_mut().for_each(nullable_as_type);
            if fields.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(kind) = fields.get_mut("type") {
                    *kind = json!([kind.take(), "null"]);
                }
                if let Some(Value::Array(options)) = fields.get_mut("enum") {
                    options.push(Value::Null);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(nullable_as_type),
        _ => {}
    }
}

/// A path as one part of a JSON pointer.
fn escape(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

/// A pointer as the fragment of an address.
fn percent_encode(pointer: &str) -> String {
    percent_encoding::utf8_percent_encode(pointer, &FRAGMENT).to_string()
}

const FRAGMENT: percent_encoding::AsciiSet = percent_encoding::CONTROLS.add(b'{').add(b'}').add(b' ').add(b'%');
