//! The vendored OpenAPI document: finds the operation of a request, and validates requests and responses.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{Draft, Registry, Validator};
use serde_json::{Map, Value, json};

/// The OpenAPI document of the API, compiled for validating requests and responses.
pub struct OpenApiDocument {
    value: Value,
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
    response: Option<ResponseSchema>,
}

struct Parameter {
    name: String,
    /// `path` or `query`.
    location: String,
    is_integer: bool,
    schema: Validator,
}

struct ResponseSchema {
    schema: Value,
    validator: Validator,
}

/// The operation of a method and path, with its path parameters, or why there is none.
pub(crate) enum Route<'a> {
    Operation(&'a Operation, Vec<(String, String)>),
    /// The path exists, but only with these methods.
    OtherMethods(Vec<&'a str>),
    Unknown,
}

/// The first place where a request or response does not conform to the document. The message does not contain the
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidationError {
    /// Whether a required field or body is missing.
    pub(crate) is_missing: bool,
    message: String,
}

impl fmt::Display for ValidationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ValidationError {}

impl ValidationError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { is_missing: false, message: message.into() }
    }
}

/// The path of the server URL, which precedes all paths of the document.
pub(crate) const BASE_PATH: &str = "/compute/v1";

const URI: &str = "urn:genesiscloud:compute-v1";

impl OpenApiDocument {
    /// Returns the vendored document. It is compiled once per process.
    ///
    /// ```
    /// use genesiscloud_sandbox::OpenApiDocument;
    /// assert!(OpenApiDocument::vendored().operation_ids().any(|id| id == "GetVolume"));
    /// ```
    pub fn vendored() -> &'static Self {
        static VENDORED: OnceLock<OpenApiDocument> = OnceLock::new();
        VENDORED.get_or_init(|| {
            let document = yaml_serde::from_str(genesiscloud_bindings::DOCUMENT).expect("the document is YAML");
            Self::new(document)
        })
    }

    fn new(value: Value) -> Self {
        let mut schemas = value.clone();
        let resolved = |node: &Value| resolved(&value, node).clone();
        // References stay references. Only what JSON Schema writes differently from OpenAPI 3.0 is changed.
        nullable_as_type(&mut schemas);
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(URI, schemas)
            .and_then(jsonschema::RegistryBuilder::prepare)
            .expect("the references of the document resolve");
        let validator = |pointer: &str| {
            jsonschema::options()
                .with_draft(Draft::Draft4)
                .with_registry(&registry)
                .should_validate_formats(true)
                .build(&json!({ "$ref": format!("{URI}#{}", percent_encode(pointer)) }))
                .expect("the schemas of the document are valid")
        };
        let mut operations = Vec::new();
        let mut routes = BTreeMap::<String, BTreeMap<String, usize>>::new();
        for (template, path) in entries(&value["paths"]) {
            for (method, operation) in entries(path) {
                let pointer = format!("/paths/{}/{method}", escape(template));
                routes.entry(template.clone()).or_default().insert(method.to_uppercase(), operations.len());
                let (success, response) = entries(&operation["responses"])
                    .find_map(|(status, response)| Some((status.parse::<u16>().ok()?, response)))
                    .expect("every operation has a success response");
                let response_pointer =
                    response["$ref"].as_str().map_or(format!("{pointer}/responses/{success}"), |it| it[1..].to_owned());
                let body_schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                let parameters = operation["parameters"].as_array().into_iter().flatten().enumerate();
                operations.push(Operation {
                    id: operation["operationId"].as_str().unwrap_or_default().to_owned(),
                    success,
                    parameters: parameters
                        .map(|(index, parameter)| {
                            let own = format!("{pointer}/parameters/{index}");
                            let pointer = parameter["$ref"].as_str().map_or(own, |it| it[1..].to_owned());
                            let parameter = resolved(parameter);
                            Parameter {
                                name: parameter["name"].as_str().unwrap_or_default().to_owned(),
                                location: parameter["in"].as_str().unwrap_or_default().to_owned(),
                                is_integer: resolved(&parameter["schema"])["type"] == "integer",
                                schema: validator(&format!("{pointer}/schema")),
                            }
                        })
                        .collect(),
                    body: (!body_schema.is_null())
                        .then(|| validator(&format!("{pointer}/requestBody/content/application~1json/schema"))),
                    response: resolved(response).get("content").map(|content| ResponseSchema {
                        schema: content["application/json"]["schema"].clone(),
                        validator: validator(&format!("{response_pointer}/content/application~1json/schema")),
                    }),
                });
            }
        }
        let mut router = matchit::Router::new();
        for (template, methods) in routes {
            router.insert(template, methods).expect("the paths of the document do not conflict");
        }
        let error = validator("/components/schemas/Error");
        Self { operations, routes: router, error, value }
    }

    /// Returns the document as JSON.
    pub(crate) fn value(&self) -> &Value {
        &self.value
    }

    /// Returns the ids of all operations, in the order of the document.
    ///
    /// ```
    /// use genesiscloud_sandbox::OpenApiDocument;
    /// assert!(OpenApiDocument::vendored().operation_ids().any(|id| id == "CreateInstance"));
    /// ```
    pub fn operation_ids(&self) -> impl Iterator<Item = &str> {
        self.operations.iter().map(|operation| operation.id.as_str())
    }

    /// Finds the operation for a method and a path below [`BASE_PATH`].
    pub(crate) fn route(&self, method: &str, path: &str) -> Route<'_> {
        let Ok(found) = self.routes.at(path) else { return Route::Unknown };
        let Some(&index) = found.value.get(method) else {
            return Route::OtherMethods(found.value.keys().map(String::as_str).collect());
        };
        let parameters = found.params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Route::Operation(&self.operations[index], parameters.collect())
    }

    /// Validates a request and returns the id of its operation.
    ///
    /// `path` is relative to the server URL and does not include the query. `body` is `None` if the request has no
    /// body.
    ///
    /// # Errors
    /// Returns an error if no operation matches, or for the first parameter or field that does not conform.
    ///
    /// ```
    /// use genesiscloud_sandbox::OpenApiDocument;
    ///
    /// let document = OpenApiDocument::vendored();
    /// let valid = serde_json::json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": 50 });
    /// assert_eq!(document.validate_request("POST", "/volumes", "", Some(&valid)).unwrap(), "CreateVolume");
    ///
    /// let invalid = serde_json::json!({ "name": "data", "region": "NORD-NO-KRS-1", "size": "much" });
    /// let error = document.validate_request("POST", "/volumes", "", Some(&invalid)).unwrap_err();
    /// assert_eq!(error.to_string(), "\"size\" must be an integer");
    /// ```
    pub fn validate_request(
        &self,
        method: &str,
        path: &str,
        query: &str,
        body: Option<&Value>,
    ) -> Result<&str, ValidationError> {
        let Route::Operation(operation, parameters) = self.route(method, path) else {
            return Err(ValidationError::new(format!("no operation matches {method} {path}")));
        };
        let parameters = parameters.into_iter().map(|(name, value)| {
            let decoded = percent_encoding::percent_decode_str(&value).decode_utf8_lossy().into_owned();
            (name, decoded)
        });
        operation.validate_parameters("path", &parameters.collect::<Vec<_>>())?;
        let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect::<Vec<_>>();
        operation.validate_parameters("query", &query)?;
        operation.validate_body(body)?;
        Ok(&operation.id)
    }

    /// Validates the response to an operation. `body` is `None` if the response has no body.
    ///
    /// # Errors
    /// Returns an error if the operation has no such response, or for the first field that does not conform. A status
    /// of 400 or more is validated as an error response.
    ///
    /// ```
    /// use genesiscloud_sandbox::OpenApiDocument;
    ///
    /// let document = OpenApiDocument::vendored();
    /// assert!(document.validate_response("DeleteVolume", 204, None).is_ok());
    /// let error = document.validate_response("DeleteVolume", 200, None).unwrap_err();
    /// assert_eq!(error.to_string(), "DeleteVolume has no response with status 200");
    /// ```
    pub fn validate_response(&self, operation: &str, status: u16, body: Option<&Value>) -> Result<(), ValidationError> {
        let found = self.operations.iter().find(|candidate| candidate.id == operation);
        let operation =
            found.ok_or_else(|| ValidationError::new(format!("the document has no operation {operation}")))?;
        let validator = if status == operation.success {
            operation.response.as_ref().map(|response| &response.validator)
        } else if status >= 400 {
            Some(&self.error)
        } else {
            return Err(ValidationError::new(format!("{} has no response with status {status}", operation.id)));
        };
        match (validator, body) {
            (Some(validator), Some(body)) => validator.validate(body).map_err(ValidationError::from),
            (None, None) => Ok(()),
            (Some(_), None) => {
                Err(ValidationError::new(format!("the {status} response of {} must have a body", operation.id)))
            }
            (None, Some(_)) => {
                Err(ValidationError::new(format!("the {status} response of {} must not have a body", operation.id)))
            }
        }
    }

    /// Validates an error response to a request that matches no operation.
    pub(crate) fn validate_error(&self, body: &Value) -> Result<(), ValidationError> {
        self.error.validate(body).map_err(ValidationError::from)
    }

    /// Calls `change` for every nested value and then for the value itself, each with its schema. Values that `change`
    /// adds are not visited.
    pub(crate) fn visit(&self, schema: &Value, value: &mut Value, change: &mut impl FnMut(&Value, &mut Value)) {
        let schema = resolved(&self.value, schema);
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

    /// Returns the schema of a property of a schema, or null.
    pub(crate) fn property<'a>(&'a self, schema: &'a Value, name: &str) -> &'a Value {
        resolved(&self.value, &resolved(&self.value, schema)["properties"][name])
    }

    /// Adds the required fields of a resource that its Rust type omits when they are empty, as null or an empty list.
    pub(crate) fn add_required_fields(&self, schema: &str, value: &mut Map<String, Value>) {
        let schema = &self.value["components"]["schemas"][schema];
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
    /// Returns the `operationId`, such as `CreateInstance`.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns the status of a successful response.
    pub(crate) fn success(&self) -> u16 {
        self.success
    }

    pub(crate) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Returns the schema of the successful response, if that has a body.
    pub(crate) fn response_schema(&self) -> Option<&Value> {
        self.response.as_ref().map(|response| &response.schema)
    }

    /// Validates the parameters in one location, `path` or `query`. Parameters that the document does not define are
    /// ignored.
    pub(crate) fn validate_parameters(
        &self,
        location: &str,
        given: &[(String, String)],
    ) -> Result<(), ValidationError> {
        for parameter in self.parameters.iter().filter(|parameter| parameter.location == location) {
            let mut values = given.iter().filter(|(name, _)| *name == parameter.name).map(|(_, value)| value);
            let Some(text) = values.next() else { continue };
            if values.next().is_some() {
                return Err(ValidationError::new(format!("\"{}\" is given more than once", parameter.name)));
            }
            let value = if parameter.is_integer { integer(text) } else { text.as_str().into() };
            parameter.schema.validate(&value).map_err(|error| ValidationError::at(&parameter.name, &error))?;
        }
        Ok(())
    }

    /// Validates the body. Operations without a body ignore it.
    pub(crate) fn validate_body(&self, body: Option<&Value>) -> Result<(), ValidationError> {
        match (&self.body, body) {
            (Some(validator), Some(body)) => validator.validate(body).map_err(ValidationError::from),
            (Some(_), None) => Err(ValidationError { is_missing: true, message: "the body is missing".into() }),
            (None, _) => Ok(()),
        }
    }
}

impl From<jsonschema::ValidationError<'_>> for ValidationError {
    fn from(error: jsonschema::ValidationError<'_>) -> Self {
        Self::at("", &error)
    }
}

impl ValidationError {
    /// Creates the message here, because the messages of `jsonschema` contain the value, which can be a password.
    fn at(parent: &str, error: &jsonschema::ValidationError<'_>) -> Self {
        let path = error.instance_path().as_str().trim_start_matches('/').replace('/', ".");
        let mut names = [parent, &path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let name = |names: &[&str]| match names {
            [] => "the body".to_owned(),
            names => format!("\"{}\"", names.join(".")),
        };
        if let ValidationErrorKind::Required { property } = error.kind() {
            names.extend(property.as_str());
            return Self { is_missing: true, message: format!("{} is required", name(&names)) };
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
            kind => format!("does not conform to \"{}\" of the document", kind.keyword()),
        };
        Self::new(format!("{} {rule}", name(&names)))
    }
}

/// Parses an integer of a query. An integer out of range becomes the nearest in range; other text stays text.
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

/// Follows the `$ref` of a node. Returns a node without one as it is.
fn resolved<'a>(document: &'a Value, node: &'a Value) -> &'a Value {
    node["$ref"].as_str().and_then(|reference| document.pointer(&reference[1..])).unwrap_or(node)
}

/// Replaces `nullable: true` of OpenAPI 3.0 by the type `null` of JSON Schema.
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

/// Escapes a path for use as one token of a JSON pointer.
fn escape(path: &str) -> String {
    path.replace('~', "~0").replace('/', "~1")
}

/// Encodes a JSON pointer as the fragment of a URI.
fn percent_encode(pointer: &str) -> String {
    percent_encoding::utf8_percent_encode(pointer, &FRAGMENT).to_string()
}

const FRAGMENT: percent_encoding::AsciiSet = percent_encoding::CONTROLS.add(b'{').add(b'}').add(b' ').add(b'%');
