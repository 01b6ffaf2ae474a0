//! Plants every mutant of a file at once, each behind a switch that the run turns: one build then
//! serves thousands of mutants. What cannot stand behind a switch is left to be built alone.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use proc_macro2::{LineColumn, Span};
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use super::list::{Genre, Mutant};

/// A file with its mutants planted.
#[derive(Debug, Default)]
pub(super) struct Planted {
    pub(super) text: String,
    /// Where each mutant's own text stands: an error there says that the mutant does not build.
    own: Vec<(Range<usize>, usize)>,
    /// Where the text around the mutants stands: an error there says that a switch does not fit.
    around: Vec<(Range<usize>, Vec<usize>)>,
    /// Mutants that no switch was found for.
    pub(super) alone: Vec<usize>,
}

/// What an error of the compiler says of a mutant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Blamed {
    /// The mutant's own text.
    Own(usize),
    /// The switch around these.
    Around(Vec<usize>),
}

impl Planted {
    /// Whom an error at a byte speaks of.
    pub(super) fn blamed(&self, byte: usize) -> Option<Blamed> {
        let own = self.own.iter().filter(|(range, _)| range.contains(&byte));
        if let Some((_, id)) = own.min_by_key(|(range, _)| range.len()) {
            return Some(Blamed::Own(*id));
        }
        let around = self.around.iter().filter(|(range, _)| range.contains(&byte));
        around.min_by_key(|(range, _)| range.len()).map(|(_, ids)| Blamed::Around(ids.clone()))
    }
}

/// A piece of text that goes in, instead of what stands in `range`.
struct Edit {
    range: Range<usize>,
    pieces: Vec<Piece>,
}

enum Piece {
    Text(String),
    /// The text of one mutant.
    Own(usize, String),
    /// Here begins, and ends, what a switch surrounds.
    Open(usize, Vec<usize>),
    Close(usize),
}

/// Plants these mutants, each known by its number, into a file.
pub(super) fn plant(source: &str, mutants: &[(usize, &Mutant)]) -> Result<Planted, syn::Error> {
    let file = syn::parse_file(source)?;
    let mut planting = Planting {
        lines: lines(source),
        source,
        at: HashMap::new(),
        edits: Vec::new(),
        switches: 0,
    };
    let mut alone: BTreeMap<usize, ()> = BTreeMap::new();
    for (id, mutant) in mutants {
        alone.insert(*id, ());
        planting.at.entry((mutant.start, mutant.genre)).or_default().push((*id, mutant));
    }
    planting.visit_file(&file);
    let mut edits = planting.edits;
    // Stable: what was put at the same place first stands first.
    edits.sort_by_key(|edit| edit.range.start);
    Ok(rendered(source, edits, alone))
}

fn rendered(source: &str, edits: Vec<Edit>, mut alone: BTreeMap<usize, ()>) -> Planted {
    let mut planted = Planted::default();
    let mut done = 0;
    let mut open: HashMap<usize, (usize, Vec<usize>)> = HashMap::new();
    for edit in edits {
        planted.text.push_str(source.get(done..edit.range.start).unwrap_or_default());
        done = done.max(edit.range.end);
        for piece in edit.pieces {
            let start = planted.text.len();
            match piece {
                Piece::Text(text) => planted.text.push_str(&text),
                Piece::Own(id, text) => {
                    planted.text.push_str(&text);
                    planted.own.push((start..planted.text.len(), id));
                    alone.remove(&id);
                }
                Piece::Open(switch, ids) => {
                    ids.iter().for_each(|id| {
                        alone.remove(id);
                    });
                    open.insert(switch, (start, ids));
                }
                Piece::Close(switch) => {
                    if let Some((from, ids)) = open.remove(&switch).filter(|o| !o.1.is_empty()) {
                        planted.around.push((from..start, ids));
                    }
                }
            }
        }
    }
    planted.text.push_str(source.get(done..).unwrap_or_default());
    planted.alone = alone.into_keys().collect();
    planted
}

/// The switch of a mutant.
fn on(id: usize) -> String {
    format!("crate::planted::on({id})")
}

/// The byte at which each line begins.
fn lines(source: &str) -> Vec<usize> {
    let mut starts = vec![0];
    starts.extend(source.match_indices('\n').map(|(at, _)| at.saturating_add(1)));
    starts
}

type At<'a> = HashMap<((usize, usize), Genre), Vec<(usize, &'a Mutant)>>;

struct Planting<'a> {
    source: &'a str,
    lines: Vec<usize>,
    at: At<'a>,
    edits: Vec<Edit>,
    switches: usize,
}

impl<'a> Planting<'a> {
    fn byte(&self, place: LineColumn) -> usize {
        let start = self.lines.get(place.line.saturating_sub(1)).copied().unwrap_or(0);
        let line = self.source.get(start..).unwrap_or_default();
        let column = line.char_indices().nth(place.column).map_or(line.len(), |(at, _)| at);
        start.saturating_add(column)
    }

    fn range(&self, span: Span) -> Range<usize> {
        self.byte(span.start())..self.byte(span.end())
    }

    fn text(&self, range: Range<usize>) -> String {
        self.source.get(range).unwrap_or_default().to_owned()
    }

    /// The mutants of a genre that begin where this does.
    fn of(&mut self, span: Span, genre: Genre) -> Vec<(usize, &'a Mutant)> {
        let start = span.start();
        let place = (start.line, start.column.saturating_add(1));
        self.at.remove(&(place, genre)).unwrap_or_default()
    }

    /// The mutants that delete an arm, left for who plants them.
    fn peek(&self, arm: &syn::Arm) -> Vec<(usize, &'a Mutant)> {
        let start = arm.span().start();
        let place = (start.line, start.column.saturating_add(1));
        self.at.get(&(place, Genre::MatchArm)).cloned().unwrap_or_default()
    }

    fn insert(&mut self, at: usize, pieces: Vec<Piece>) {
        self.edits.push(Edit { range: at..at, pieces });
    }

    fn switch(&mut self, ids: &[(usize, &Mutant)]) -> (Piece, Piece) {
        self.switches = self.switches.saturating_add(1);
        let ids = ids.iter().map(|(id, _)| *id).collect();
        (Piece::Open(self.switches, ids), Piece::Close(self.switches))
    }

    /// `replace … -> … with X`: the function returns X at once. Gives what follows its last
    /// expression, if that is an iterator of a hidden type.
    fn function(&mut self, block: &syn::Block) -> Option<(usize, Vec<Piece>)> {
        let span = block.stmts.first()?.span();
        let at = self.byte(span.start());
        let all = self.of(span, Genre::FnValue);
        let (hidden, plain): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(_, mutant)| mutant.is_iterator());
        for (id, mutant) in plain {
            let body = format!("return {};", mutant.replacement);
            let (open, close) = self.switch(&[(id, mutant)]);
            let pieces = vec![
                open,
                Piece::Text(format!("if {} {{ ", on(id))),
                Piece::Own(id, body),
                Piece::Text(" } ".to_owned()),
                close,
            ];
            self.insert(at, pieces);
        }
        match block.stmts.last()? {
            syn::Stmt::Expr(last, None) if !hidden.is_empty() => Some(self.iterator(last, &hidden)),
            _ => None,
        }
    }

    /// `iter::empty()`, or `iter::once(X)`, instead of an iterator: none of its own, then X.
    fn iterator(
        &mut self,
        last: &syn::Expr,
        mutants: &[(usize, &'a Mutant)],
    ) -> (usize, Vec<Piece>) {
        let range = self.range(last.span());
        let (open, close) = self.switch(mutants);
        self.insert(range.start, vec![open, Piece::Text("(".to_owned())]);
        let any: Vec<String> = mutants.iter().map(|(id, _)| on(*id)).collect();
        let none = format!(").take(if {} {{ 0 }} else {{ usize::MAX }})", any.join(" || "));
        let mut pieces = vec![Piece::Text(none)];
        for (id, mutant) in mutants {
            let once = mutant.replacement.strip_prefix("::std::iter::once(");
            let Some(own) = once.and_then(|own| own.strip_suffix(')')) else { continue };
            pieces.push(Piece::Text(format!(".chain(if {} {{ Some(", on(*id))));
            pieces.push(Piece::Own(*id, own.to_owned()));
            pieces.push(Piece::Text(") } else { None })".to_owned()));
        }
        pieces.push(close);
        (range.end, pieces)
    }

    fn end(&mut self, end: Option<(usize, Vec<Piece>)>) {
        if let Some((at, pieces)) = end {
            self.insert(at, pieces);
        }
    }

    /// `L op R`, with the operands evaluated once, or the right one not at all.
    fn binary(&mut self, node: &syn::ExprBinary, mutants: &[(usize, &'a Mutant)]) {
        let (whole, op) = (self.range(node.span()), self.range(node.op.span()));
        let sign = self.text(op.clone());
        let (open, close) = self.switch(mutants);
        let text = |text: &str| Piece::Text(text.to_owned());
        let alternatives = |left: &str, right: &str| {
            let mut pieces = Vec::new();
            for (id, mutant) in mutants {
                pieces.push(Piece::Text(format!("if {} {{ ", on(*id))));
                pieces.push(Piece::Own(*id, format!("{left} {} {right}", mutant.replacement)));
                pieces.push(text(" } else "));
            }
            pieces
        };
        match sign.as_str() {
            "&&" | "||" => {
                let Some((id, _)) = mutants.first() else { return };
                let turned = if sign == "&&" { "!=" } else { "==" };
                self.insert(whole.start, vec![open, text("({ let l = ")]);
                let middle = format!("; if l {turned} {} {{ ", on(*id));
                self.edits.push(Edit { range: op, pieces: vec![Piece::Text(middle)] });
                visit::visit_expr_binary(self, node);
                self.insert(whole.end, vec![text(" } else { l } })"), close]);
            }
            "==" | "!=" | "<" | "<=" | ">" | ">=" => {
                self.insert(whole.start, vec![open, text("(match (&(")]);
                self.edits.push(Edit { range: op, pieces: vec![text("), &(")] });
                visit::visit_expr_binary(self, node);
                let mut pieces = vec![text(")) { (l, r) => ")];
                pieces.extend(alternatives("l", "r"));
                pieces.extend([Piece::Text(format!("{{ l {sign} r }} }})")), close]);
                self.insert(whole.end, pieces);
            }
            _ if sign.ends_with('=') => {
                let left = self.text(self.range(node.left.span()));
                let right = self.text(self.range(node.right.span()));
                let mut pieces = vec![open];
                pieces.extend(alternatives(&left, &right));
                pieces.push(text("{ "));
                self.insert(whole.start, pieces);
                visit::visit_expr_binary(self, node);
                self.insert(whole.end, vec![text(" }"), close]);
            }
            _ => {
                self.insert(whole.start, vec![open, text("(match (")]);
                self.edits.push(Edit { range: op, pieces: vec![text(", ")] });
                visit::visit_expr_binary(self, node);
                let mut pieces = vec![text(") { (l, r) => ")];
                pieces.extend(alternatives("l", "r"));
                pieces.extend([Piece::Text(format!("{{ l {sign} r }} }})")), close]);
                self.insert(whole.end, pieces);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Planting<'_> {
    fn visit_item_fn(&mut self, node: &'ast syn::ItemFn) {
        let end = self.function(&node.block);
        visit::visit_item_fn(self, node);
        self.end(end);
    }

    fn visit_impl_item_fn(&mut self, node: &'ast syn::ImplItemFn) {
        let end = self.function(&node.block);
        visit::visit_impl_item_fn(self, node);
        self.end(end);
    }

    fn visit_trait_item_fn(&mut self, node: &'ast syn::TraitItemFn) {
        let end = node.default.as_ref().and_then(|block| self.function(block));
        visit::visit_trait_item_fn(self, node);
        self.end(end);
    }

    fn visit_expr_binary(&mut self, node: &'ast syn::ExprBinary) {
        let mutants = self.of(node.op.span(), Genre::BinaryOperator);
        if mutants.is_empty() || binds(node) {
            visit::visit_expr_binary(self, node);
        } else {
            self.binary(node, &mutants);
        }
    }

    fn visit_expr_unary(&mut self, node: &'ast syn::ExprUnary) {
        let mutants = self.of(node.op.span(), Genre::UnaryOperator);
        let Some((id, _)) = mutants.first() else {
            return visit::visit_expr_unary(self, node);
        };
        let (whole, op) = (self.range(node.span()), self.range(node.op.span()));
        let sign = self.text(op.clone());
        let (open, close) = self.switch(&mutants);
        let pieces = vec![open, Piece::Text("({ let e = ".to_owned())];
        self.edits.push(Edit { range: op, pieces });
        visit::visit_expr_unary(self, node);
        let rest = format!("; if {} {{ e }} else {{ {sign}e }} }})", on(*id));
        self.insert(whole.end, vec![Piece::Text(rest), close]);
    }

    fn visit_expr_match(&mut self, node: &'ast syn::ExprMatch) {
        // That no arm is left for a value is said of the whole.
        let arms: Vec<_> = node.arms.iter().flat_map(|arm| self.peek(arm)).collect();
        let (open, close) = self.switch(&arms);
        let whole = self.range(node.span());
        self.insert(whole.start, vec![open]);
        visit::visit_expr_match(self, node);
        self.insert(whole.end, vec![close]);
    }

    fn visit_arm(&mut self, node: &'ast syn::Arm) {
        let deleted = self.of(node.span(), Genre::MatchArm);
        let Some((_, guard)) = &node.guard else {
            if let Some((id, _)) = deleted.first() {
                let at = self.byte(node.pat.span().end());
                let (open, close) = self.switch(&deleted);
                let text = Piece::Text(format!(" if !{}", on(*id)));
                self.insert(at, vec![open, text, close]);
            }
            return visit::visit_arm(self, node);
        };
        let guards = self.of(guard.span(), Genre::MatchArmGuard);
        if deleted.is_empty() && guards.is_empty() {
            return visit::visit_arm(self, node);
        }
        let all: Vec<_> = deleted.iter().chain(&guards).copied().collect();
        let (open, close) = self.switch(&all);
        let mut words = String::new();
        deleted.first().iter().for_each(|(id, _)| words.push_str(&format!("!{} && ", on(*id))));
        words.push('(');
        let of = |word: &str| guards.iter().find(|(_, mutant)| mutant.replacement == word);
        of("true").iter().for_each(|(id, _)| words.push_str(&format!("{} || ", on(*id))));
        of("false").iter().for_each(|(id, _)| words.push_str(&format!("!{} && ", on(*id))));
        words.push('(');
        let range = self.range(guard.span());
        self.visit_pat(&node.pat);
        self.insert(range.start, vec![open, Piece::Text(words)]);
        self.visit_expr(guard);
        self.insert(range.end, vec![Piece::Text("))".to_owned()), close]);
        self.visit_expr(&node.body);
    }
}

/// Whether a chain of conditions binds names with `let`: then no block may stand around it.
fn binds(node: &syn::ExprBinary) -> bool {
    [&node.left, &node.right].into_iter().any(|side| match side.as_ref() {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(inner) if matches!(inner.op, syn::BinOp::And(_)) => binds(inner),
        _ => false,
    })
}

/// A file with one mutant in it, as cargo-mutants would make it.
pub(super) fn replaced(source: &str, mutant: &Mutant) -> String {
    let lines = lines(source);
    let byte = |(line, column): (usize, usize)| {
        let start = lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let text = source.get(start..).unwrap_or_default();
        let at = text.char_indices().nth(column.saturating_sub(1));
        start.saturating_add(at.map_or(text.len(), |(at, _)| at))
    };
    let (start, end) = (byte(mutant.start), byte(mutant.end));
    let (before, after) = (source.get(..start), source.get(end..));
    format!("{}{}{}", before.unwrap_or_default(), mutant.replacement, after.unwrap_or_default())
}
