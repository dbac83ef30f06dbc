//! A picture as a page of PDF: filled and stroked paths, text as outlines.
//!
//! Figures have neither images, gradients nor clips, so this is all it takes; and the same picture
//! gives the same bytes.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{LineCapStyle, LineJoinStyle};
use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref};
use resvg::tiny_skia::{Path, PathSegment, Transform};
use resvg::usvg::{Fill, FillRule, Group, LineCap, LineJoin, Node, Paint, Stroke, Tree};

use super::render::UNITS_PER_INCH;

const POINTS_PER_INCH: f32 = 72.0;
const CATALOG: i32 = 1;
const PAGES: i32 = 2;
const PAGE: i32 = 3;
const CONTENT: i32 = 4;

/// A file with the picture as its only page.
///
/// # Errors
/// When it can't be compressed.
pub(super) fn page(tree: &Tree) -> std::io::Result<Vec<u8>> {
    let scale = POINTS_PER_INCH / UNITS_PER_INCH;
    let (width, height) = (tree.size().width() * scale, tree.size().height() * scale);
    let mut drawing = Drawing {
        content: Content::new(),
        opacities: Vec::new(),
    };
    // PDF counts from the bottom.
    drawing
        .content
        .transform([scale, 0.0, 0.0, -scale, 0.0, height]);
    drawing.group(tree.root(), Transform::identity(), 1.0);

    let mut pdf = Pdf::new();
    pdf.catalog(Ref::new(CATALOG)).pages(Ref::new(PAGES));
    pdf.pages(Ref::new(PAGES)).kids([Ref::new(PAGE)]).count(1);
    let mut page = pdf.page(Ref::new(PAGE));
    page.media_box(Rect::new(0.0, 0.0, width, height))
        .parent(Ref::new(PAGES))
        .contents(Ref::new(CONTENT));
    let mut resources = page.resources();
    let mut states = resources.ext_g_states();
    for (index, &opacity) in drawing.opacities.iter().enumerate() {
        let name = state_name(index);
        let mut state = states
            .insert(Name(name.as_bytes()))
            .start::<pdf_writer::writers::ExtGraphicsState<'_>>();
        state.non_stroking_alpha(opacity).stroking_alpha(opacity);
    }
    states.finish();
    resources.finish();
    page.finish();
    let content = compress(&drawing.content.finish())?;
    pdf.stream(Ref::new(CONTENT), &content)
        .filter(Filter::FlateDecode);
    Ok(pdf.finish())
}

fn compress(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn state_name(index: usize) -> String {
    format!("o{index}")
}

struct Drawing {
    content: Content,
    /// Each once.
    opacities: Vec<f32>,
}

impl Drawing {
    /// Draws what is in a group. Groups don't overlap themselves, so that their opacity can be
    /// their paths'.
    fn group(&mut self, group: &Group, transform: Transform, opacity: f32) {
        let transform = transform.pre_concat(group.transform());
        let opacity = opacity * group.opacity().get();
        for node in group.children() {
            match node {
                Node::Group(group) => self.group(group, transform, opacity),
                Node::Text(text) => self.group(text.flattened(), transform, opacity),
                Node::Path(path) if path.is_visible() => {
                    if let Some(fill) = path.fill() {
                        self.fill(path.data(), transform, opacity, fill);
                    }
                    if let Some(stroke) = path.stroke() {
                        self.stroke(path.data(), transform, opacity, stroke);
                    }
                }
                Node::Path(_) | Node::Image(_) => {}
            }
        }
    }

    fn fill(&mut self, path: &Path, transform: Transform, opacity: f32, fill: &Fill) {
        let Paint::Color(color) = fill.paint() else {
            return;
        };
        self.begin(transform, opacity * fill.opacity().get());
        let [red, green, blue] = [color.red, color.green, color.blue].map(unit);
        self.content.set_fill_rgb(red, green, blue);
        self.outline(path);
        match fill.rule() {
            FillRule::NonZero => self.content.fill_nonzero(),
            FillRule::EvenOdd => self.content.fill_even_odd(),
        };
        self.content.restore_state();
    }

    fn stroke(&mut self, path: &Path, transform: Transform, opacity: f32, stroke: &Stroke) {
        let Paint::Color(color) = stroke.paint() else {
            return;
        };
        self.begin(transform, opacity * stroke.opacity().get());
        let [red, green, blue] = [color.red, color.green, color.blue].map(unit);
        self.content.set_stroke_rgb(red, green, blue);
        self.content.set_line_width(stroke.width().get());
        self.content.set_line_cap(match stroke.linecap() {
            LineCap::Butt => LineCapStyle::ButtCap,
            LineCap::Round => LineCapStyle::RoundCap,
            LineCap::Square => LineCapStyle::ProjectingSquareCap,
        });
        self.content.set_line_join(match stroke.linejoin() {
            LineJoin::Miter | LineJoin::MiterClip => LineJoinStyle::MiterJoin,
            LineJoin::Round => LineJoinStyle::RoundJoin,
            LineJoin::Bevel => LineJoinStyle::BevelJoin,
        });
        if let Some(dashes) = stroke.dasharray() {
            self.content
                .set_dash_pattern(dashes.iter().copied(), stroke.dashoffset());
        }
        self.outline(path);
        self.content.stroke();
        self.content.restore_state();
    }

    fn begin(&mut self, transform: Transform, opacity: f32) {
        let Transform {
            sx,
            kx,
            ky,
            sy,
            tx,
            ty,
        } = transform;
        self.content.save_state();
        self.content.transform([sx, ky, kx, sy, tx, ty]);
        let known = self.opacities.iter().position(|known| *known == opacity);
        let index = known.unwrap_or_else(|| {
            self.opacities.push(opacity);
            self.opacities.len() - 1
        });
        self.content
            .set_parameters(Name(state_name(index).as_bytes()));
    }

    fn outline(&mut self, path: &Path) {
        let mut at = (0.0, 0.0);
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    self.content.move_to(to.x, to.y);
                    at = (to.x, to.y);
                }
                PathSegment::LineTo(to) => {
                    self.content.line_to(to.x, to.y);
                    at = (to.x, to.y);
                }
                PathSegment::QuadTo(control, to) => {
                    // The cubic that is the same curve.
                    let toward = |from: f32, control: f32| from + (control - from) * 2.0 / 3.0;
                    self.content.cubic_to(
                        toward(at.0, control.x),
                        toward(at.1, control.y),
                        toward(to.x, control.x),
                        toward(to.y, control.y),
                        to.x,
                        to.y,
                    );
                    at = (to.x, to.y);
                }
                PathSegment::CubicTo(first, second, to) => {
                    self.content
                        .cubic_to(first.x, first.y, second.x, second.y, to.x, to.y);
                    at = (to.x, to.y);
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
    }
}

fn unit(channel: u8) -> f32 {
    f32::from(channel) / 255.0
}
