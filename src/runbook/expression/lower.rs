//! From CEL's syntax tree to the typed tree: this is where the subset and the types are kept.

use std::ops::Range;
use std::str::FromStr;

use cel::common::ast::{CallExpr, Expr, LiteralValue, SourceInfo, operators};
use cel::{Env, IdedExpr};
use jiff::{SignedDuration, Timestamp};

use super::arn_field::ArnField;
use super::node::{Constant, Each, Kind, Names, Node, StepName};
use super::operator::{Operator, operator, result_of, symbol, wants};
use super::{Fault, MAX_BYTES, Uses};
use crate::base::{StepId, parse_duration};
use crate::runbook::near::suggestion;
use crate::runbook::{Code, Scalar, Type};

/// The deepest expression.
const MAX_DEPTH: usize = 64;
/// The most brackets inside each other. CEL's parser takes many frames of the stack for each.
const MAX_BRACKETS: usize = 16;

const SUBSET: &str = "runbooks know fields, comparisons, `&&`, `||`, `!`, `? :`, `in`, `size`, `has`, `filter`, `exists`, \
                      `all`, `map`, and times";

/// An expression as CEL's parser read it.
#[derive(Debug)]
pub(crate) struct Parsed {
    text: String,
    tree: IdedExpr,
    places: SourceInfo,
}

impl Parsed {
    /// Parses an expression. Macros stay the calls they are written as.
    pub(crate) fn parse(text: &str) -> Result<Self, Fault> {
        let fault =
            |code, range, message: String, help: &str| Fault { code, range, message, help: Some(help.to_owned()) };
        if text.len() > MAX_BYTES {
            let message = format!("the expression is longer than {MAX_BYTES} bytes");
            return Err(fault(Code::ExpressionSubset, 0..text.len(), message, "split the step"));
        }
        if text.trim().is_empty() {
            let message = "the expression is empty".to_owned();
            return Err(fault(
                Code::ExpressionSyntax,
                0..text.len(),
                message,
                "write one, such as `${{ parameters.since }}`",
            ));
        }
        if brackets(text) > MAX_BRACKETS {
            let message = format!("the expression has more than {MAX_BRACKETS} brackets inside each other");
            return Err(fault(Code::ExpressionSubset, 0..text.len(), message, "split the step"));
        }
        match Env::default().parser().max_recursion_depth(MAX_DEPTH as u16).parse_with_source_info(text) {
            Ok((tree, places)) => Ok(Self { text: text.to_owned(), tree, places }),
            Err(errors) => {
                let first = errors.errors.first();
                let line = first.map_or(1, |error| error.pos.0.max(1)) as usize;
                let column = first.map_or(0, |error| error.pos.1.max(1) - 1) as usize;
                let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
                let at = byte_of(&text[before..], column) + before;
                let why = first.map_or("it does not parse", |error| error.msg.lines().next().unwrap_or_default());
                // What the parser could have gone on with is a long list of its own names.
                let why = why.trim_start_matches("Syntax error: ").split(" expecting ").next().unwrap_or_default();
                let why = why
                    .replace("'<EOF>'", "end")
                    .replace("mismatched input", "unexpected")
                    .replace("extraneous input", "unexpected");
                let at =
                    if at >= text.len() { text.trim_end().char_indices().last().map_or(0, |(at, _)| at) } else { at };
                let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
                let message = format!("the expression does not parse: {why}");
                Err(fault(
                    Code::ExpressionSyntax,
                    at..end,
                    message,
                    "expressions are CEL, such as `size(steps.rogue.items) > 0`",
                ))
            }
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }
}

/// How many brackets stand open at most, outside of quoted texts.
fn brackets(text: &str) -> usize {
    let (mut open, mut most, mut quote) = (0_usize, 0, None);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match quote {
            Some(_) if byte == b'\\' => drop(bytes.next()),
            Some(end) if byte == end => quote = None,
            Some(_) => {}
            None => match byte {
                b'\'' | b'"' => quote = Some(byte),
                b'[' | b'(' | b'{' => {
                    open += 1;
                    most = most.max(open);
                }
                b']' | b')' | b'}' => open = open.saturating_sub(1),
                _ => {}
            },
        }
    }
    most
}

fn byte_of(text: &str, character: usize) -> usize {
    text.char_indices().nth(character).map_or(text.len(), |(at, _)| at)
}

/// Types an expression.
pub(super) fn lower(parsed: &Parsed, names: &Names<'_>) -> Result<(Node, Uses), Fault> {
    let mut lowering = Lowering { parsed, names, uses: Uses::default(), locals: Vec::new(), depth: 0 };
    let node = lowering.node(&parsed.tree)?;
    Ok((node, lowering.uses))
}

struct Lowering<'a> {
    parsed: &'a Parsed,
    names: &'a Names<'a>,
    uses: Uses,
    locals: Vec<(String, Type)>,
    depth: usize,
}

type Lowered = Result<Node, Fault>;

fn typed(of: impl Into<Type>, kind: Kind) -> Node {
    Node { of: of.into(), kind }
}

impl Lowering<'_> {
    fn range(&self, of: &IdedExpr) -> Range<usize> {
        let text = &self.parsed.text;
        let (start, end) = self.parsed.places.offset_for(of.id).unwrap_or((0, 0));
        let start = byte_of(text, start as usize);
        let mut range = start..byte_of(text, end as usize + 1).max(start);
        // Where an operator stands says little: the operands say where the whole starts and ends.
        let mut stretch = |part: &IdedExpr| {
            let part = self.range(part);
            range = range.start.min(part.start)..range.end.max(part.end);
        };
        match &of.expr {
            Expr::Call(call) => call.target.iter().map(AsRef::as_ref).chain(&call.args).for_each(&mut stretch),
            Expr::Select(select) => {
                stretch(&select.operand);
                // A field is known by its dot; what is meant goes to the end of its name.
                let after = text[range.end..].trim_start_matches(['.', ' ']);
                if let Some(rest) = after.strip_prefix(select.field.as_str()) {
                    range.end = text.len() - rest.len();
                }
            }
            _ => {}
        }
        // A call stands where its parenthesis does.
        if let Expr::Call(CallExpr { func_name, target: None, .. }) = &of.expr
            && let Some(before) = text[..range.start].trim_end().strip_suffix(func_name.as_str())
        {
            range.start = before.len();
        }
        range
    }

    fn fault(&self, code: Code, at: &IdedExpr, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault { code, range: self.range(at), message: message.into(), help: Some(help.into()) }
    }

    fn outside(&self, at: &IdedExpr, what: &str) -> Fault {
        self.fault(Code::ExpressionSubset, at, format!("{what} is outside the part of CEL that runbooks use"), SUBSET)
    }

    fn mistyped(&self, at: &IdedExpr, message: impl Into<String>, help: impl Into<String>) -> Fault {
        self.fault(Code::ExpressionType, at, message, help)
    }

    fn node(&mut self, from: &IdedExpr) -> Lowered {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.fault(Code::ExpressionSubset, from, "the expression nests too deep", "split the step"));
        }
        let node = match &from.expr {
            Expr::Literal(literal) => self.literal(from, literal),
            Expr::Ident(name) => self.name(from, name),
            Expr::Select(select) => self.field(from, &select.operand, &select.field),
            Expr::List(list) if list.optional_indices.is_empty() => self.list(&list.elements),
            Expr::Call(call) => self.call(from, call),
            Expr::Map(_) | Expr::Struct(_) => Err(self.outside(from, "a map")),
            _ => Err(self.outside(from, "this")),
        };
        self.depth -= 1;
        node
    }

    fn literal(&self, from: &IdedExpr, literal: &LiteralValue) -> Lowered {
        Ok(match literal {
            LiteralValue::Boolean(value) => typed(Scalar::Boolean, Kind::Constant(Constant::Boolean(*value.inner()))),
            LiteralValue::Int(value) => typed(Scalar::Integer, Kind::Constant(Constant::Integer(*value.inner()))),
            LiteralValue::String(value) => {
                typed(Scalar::String, Kind::Constant(Constant::Text(value.inner().to_owned())))
            }
            LiteralValue::Null => typed(Type::Unknown, Kind::Constant(Constant::Null)),
            _ => return Err(self.outside(from, "a number with a point, an unsigned number or bytes")),
        })
    }

    fn name(&mut self, from: &IdedExpr, name: &str) -> Lowered {
        if let Some((_, of)) = self.locals.iter().rev().find(|(local, _)| local == name) {
            return Ok(typed(of.clone(), Kind::Local(name.to_owned())));
        }
        match name {
            "plan_time" => {
                self.uses.plan_time = true;
                Ok(typed(Scalar::Timestamp, Kind::PlanTime))
            }
            "item" => match self.names.item {
                Some(of) => {
                    self.uses.item = true;
                    Ok(typed(of.clone(), Kind::Item))
                }
                None => Err(self.fault(
                    Code::ExpressionType,
                    from,
                    "there is no `item` here",
                    "`item` is known in a step that has `for_each`",
                )),
            },
            "parameters" | "steps" => {
                let form = if name == "steps" { "steps.<query>.items" } else { "parameters.<name>" };
                Err(self.mistyped(from, format!("`{name}` is not a value by itself"), format!("write `{form}`")))
            }
            _ => {
                let known = ["parameters", "steps", "item", "plan_time"];
                let locals = self.locals.iter().map(|(local, _)| local.as_str());
                let names: Vec<&str> = known.into_iter().chain(locals).collect();
                let help = suggestion(name, names).unwrap_or_default();
                Err(self.mistyped(from, format!("there is no `{name}` in expressions"), help))
            }
        }
    }

    fn parameter(&mut self, from: &IdedExpr, name: &str) -> Result<Type, Fault> {
        match self.names.parameters.get(name) {
            Some(of) => {
                self.uses.parameters.insert(name.to_owned());
                Ok(of.clone())
            }
            None => {
                let mut known: Vec<&str> = self.names.parameters.keys().map(String::as_str).collect();
                known.sort_unstable();
                let help = suggestion(name, known).unwrap_or_else(|| "declare it under `parameters`".to_owned());
                Err(self.fault(Code::UnknownParameter, from, format!("there is no parameter `{name}` here"), help))
            }
        }
    }

    fn items(&mut self, from: &IdedExpr, step: &str) -> Lowered {
        let Some(steps) = self.names.steps else {
            return Err(self.fault(
                Code::ExpressionType,
                from,
                "steps are not known here",
                "a default can use `plan_time` and the parameters above it",
            ));
        };
        match StepId::new(step).ok().and_then(|id| Some((steps.get(&id)?, id))) {
            Some((StepName::Query(item), id)) => {
                self.uses.steps.insert(id.clone());
                Ok(typed(Type::list(item.clone()), Kind::Items(id)))
            }
            Some((StepName::Other, _)) => Err(self.fault(
                Code::ExpressionType,
                from,
                format!("`{step}` is not a query, so it has no `items`"),
                "only a query finds items",
            )),
            None => {
                let known = self.names.step_names(|of| matches!(of, StepName::Query(_)));
                let help = suggestion(step, known).unwrap_or_else(|| "this runbook has no queries".to_owned());
                Err(self.fault(Code::UnknownStep, from, format!("there is no step `{step}`"), help))
            }
        }
    }

    fn root<'e>(&self, of: &'e IdedExpr) -> Option<&'e str> {
        match &of.expr {
            Expr::Ident(name) if !self.locals.iter().any(|(local, _)| local == name) => Some(name),
            _ => None,
        }
    }

    fn field(&mut self, from: &IdedExpr, operand: &IdedExpr, field: &str) -> Lowered {
        if self.root(operand) == Some("parameters") {
            let of = self.parameter(from, field)?;
            return Ok(typed(of, Kind::Parameter(field.to_owned())));
        }
        if self.root(operand) == Some("steps") {
            let help = format!("what the query found is `steps.{field}.items`");
            return Err(self.mistyped(from, "a step is not a value by itself", help));
        }
        if let Expr::Select(inner) = &operand.expr
            && self.root(&inner.operand) == Some("steps")
        {
            let items = self.items(operand, &inner.field)?;
            return match field {
                "items" => Ok(items),
                "left_alone" => match items.kind {
                    Kind::Items(step) => Ok(typed(Type::list(Scalar::String.into()), Kind::LeftAlone(step))),
                    _ => Ok(items),
                },
                _ => Err(self.mistyped(
                    from,
                    format!("a query has no `{field}`"),
                    "what it found is in `items`, what others made in `left_alone`",
                )),
            };
        }
        let operand_node = self.node(operand)?;
        let of = self.type_of_field(from, &operand_node, field)?;
        Ok(typed(of, Kind::Field(Box::new(operand_node), field.to_owned())))
    }

    fn type_of_field(&self, from: &IdedExpr, operand: &Node, field: &str) -> Result<Type, Fault> {
        match &operand.of {
            Type::Unknown => Ok(Type::Unknown),
            Type::Object(fields) => match fields.get(field) {
                Some(found) => Ok(found.of.clone()),
                None => {
                    let help = suggestion(field, fields.keys().map(String::as_str));
                    let help = help.unwrap_or_else(|| "take the value as a whole".to_owned());
                    Err(self.mistyped(from, format!("there is no field `{field}`"), help))
                }
            },
            Type::Scalar(Scalar::IamArn) => match ArnField::named(field) {
                Some(part) => Ok(part.of().into()),
                None => {
                    let help = suggestion(field, ArnField::ALL.map(ArnField::as_str)).unwrap_or_default();
                    Err(self.mistyped(from, format!("an ARN has no field `{field}`"), help))
                }
            },
            other => {
                let help = match other {
                    Type::List(_) => "take the fields of its items: with `for_each` and `item`, or `list.map(x, x.…)`",
                    _ => "take the value as a whole: only items of queries and ARNs have fields",
                };
                Err(self.mistyped(from, format!("a value of type `{other}` has no field `{field}`"), help))
            }
        }
    }

    fn list(&mut self, elements: &[IdedExpr]) -> Lowered {
        let mut of = Type::Unknown;
        let mut nodes = Vec::with_capacity(elements.len());
        for element in elements {
            let node = self.node(element)?;
            if !of.comparable(&node.of) {
                let message = format!("a list of `{of}` cannot hold a `{}`", node.of);
                return Err(self.mistyped(element, message, "all values of a list have one type"));
            }
            if of == Type::Unknown {
                of = node.of.clone();
            } else if of != node.of {
                of = Scalar::String.into();
            }
            nodes.push(node);
        }
        Ok(typed(Type::list(of), Kind::List(nodes)))
    }

    fn call(&mut self, from: &IdedExpr, call: &CallExpr) -> Lowered {
        let name = call.func_name.as_str();
        let each = match name {
            "filter" => Some(Each::Filter),
            "exists" => Some(Each::Exists),
            "all" => Some(Each::All),
            "map" => Some(Each::Map),
            _ => None,
        };
        match (&call.target, call.args.as_slice()) {
            (Some(over), [variable, body]) if each.is_some() => {
                let each = each.unwrap_or(Each::Map);
                let Expr::Ident(variable_name) = &variable.expr else {
                    let help = format!("write `list.{name}(x, …)`");
                    return Err(self.mistyped(variable, format!("`{name}` wants a name first"), help));
                };
                self.each(each, name, over, variable_name, body)
            }
            (Some(target), []) if name == "size" => self.size(target),
            (None, [of]) if name == "size" => self.size(of),
            (None, [of]) if name == operators::HAS => self.has(of),
            (None, [of]) if matches!(name, "timestamp" | "duration") => self.time(name, of),
            (None, arguments) => match operator(name) {
                Some(operator) => {
                    let nodes = arguments.iter().map(|one| self.node(one)).collect::<Result<Vec<_>, _>>()?;
                    self.apply(from, operator, nodes)
                }
                None => Err(self.outside(from, &format!("`{name}`"))),
            },
            _ => Err(self.outside(from, &format!("`{name}` in this form"))),
        }
    }

    fn each(&mut self, each: Each, name: &str, over: &IdedExpr, variable: &str, body: &IdedExpr) -> Lowered {
        let list = self.node(over)?;
        let of = match &list.of {
            Type::List(of) => of.as_ref().clone(),
            Type::Unknown => Type::Unknown,
            other => {
                let message = format!("`{name}` works on a list, and this is a `{other}`");
                return Err(self.mistyped(
                    over,
                    message,
                    "lists are `steps.<query>.items`, and parameters of a `list<…>` type",
                ));
            }
        };
        self.locals.push((variable.to_owned(), of));
        let inner = self.node(body);
        self.locals.pop();
        let inner = inner?;
        if each != Each::Map && !inner.is(Scalar::Boolean) {
            let message = format!("`{name}` wants a condition, and this is a `{}`", inner.of);
            return Err(self.mistyped(body, message, format!("compare, such as `list.{name}(x, x.name == 'a')`")));
        }
        let result = match each {
            Each::Filter => list.of.clone(),
            Each::Map => Type::list(inner.of.clone()),
            Each::Exists | Each::All => Scalar::Boolean.into(),
        };
        Ok(typed(result, Kind::Each(each, Box::new(list), variable.to_owned(), Box::new(inner))))
    }

    fn size(&mut self, of: &IdedExpr) -> Lowered {
        let node = self.node(of)?;
        match &node.of {
            Type::List(_) | Type::Unknown => Ok(typed(Scalar::Integer, Kind::Apply(Operator::Size, vec![node]))),
            Type::Scalar(scalar) if scalar.is_text() => {
                Ok(typed(Scalar::Integer, Kind::Apply(Operator::Size, vec![node])))
            }
            other => {
                let message = format!("`size` wants a list or a text, and this is a `{other}`");
                Err(self.mistyped(of, message, "count a list, such as `size(steps.rogue.items)`"))
            }
        }
    }

    fn has(&mut self, of: &IdedExpr) -> Lowered {
        let Expr::Select(select) = &of.expr else {
            return Err(self.mistyped(of, "`has` wants a field", "write `has(item.role)` or `has(parameters.role)`"));
        };
        if self.root(&select.operand) == Some("parameters") {
            self.parameter(of, &select.field)?;
            self.uses.asks.insert(select.field.clone());
            return Ok(typed(Scalar::Boolean, Kind::HasParameter(select.field.clone())));
        }
        let operand = self.node(&select.operand)?;
        self.type_of_field(of, &operand, &select.field)?;
        Ok(typed(Scalar::Boolean, Kind::Has(Box::new(operand), select.field.clone())))
    }

    fn time(&mut self, name: &str, of: &IdedExpr) -> Lowered {
        let Expr::Literal(LiteralValue::String(text)) = &of.expr else {
            let help = format!("write `{name}('…')`; what a parameter holds has its type already");
            return Err(self.mistyped(of, format!("`{name}` wants a literal text"), help));
        };
        let text = text.inner();
        if name == "duration" {
            let read = parse_duration(text).ok().and_then(|time| SignedDuration::try_from(time).ok());
            let time = read.ok_or_else(|| {
                self.mistyped(of, format!("`{text}` is not a duration"), "durations look like `90s`, `15m` or `24h`")
            })?;
            return Ok(typed(Scalar::Duration, Kind::Constant(Constant::Duration(time))));
        }
        let time = Timestamp::from_str(text).map_err(|_| {
            self.mistyped(of, format!("`{text}` is not a timestamp"), "timestamps look like `2026-11-22T03:00:00Z`")
        })?;
        Ok(typed(Scalar::Timestamp, Kind::Constant(Constant::Timestamp(time))))
    }

    fn apply(&self, from: &IdedExpr, operator: Operator, nodes: Vec<Node>) -> Lowered {
        let of = result_of(operator, &nodes).ok_or_else(|| {
            let types: Vec<String> = nodes.iter().map(|node| format!("`{}`", node.of)).collect();
            let texts = operator == Operator::Add && nodes.iter().all(|node| node.is(Scalar::String));
            let help = match texts {
                true => "texts are never joined, so that nothing is pasted into an ARN or an id",
                false => wants(operator),
            };
            self.mistyped(from, format!("`{}` does not work on {}", symbol(operator), types.join(" and ")), help)
        })?;
        Ok(typed(of, Kind::Apply(operator, nodes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_expressions_are_refused_without_deep_recursion() {
        for open in ["[", "(", "{", "a.map(x, "] {
            let text = open.repeat(MAX_BYTES / open.len());
            assert_eq!(Parsed::parse(&text).map(|_| ()).expect_err(open).code, Code::ExpressionSubset, "{open}");
        }
        for chain in ["1+", "!", "a.", "a && ", "a ? b : ", "-"] {
            let text = chain.repeat((MAX_BYTES - 1) / chain.len()) + "b";
            drop(Parsed::parse(&text));
        }
        assert!(
            Parsed::parse("'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[' == \"((((((((((((((((((((((((((((\\\"((\"")
                .is_ok()
        );
    }
}
