//! Pictures in the formats asked for.
//!
//! Text is set in Noto Sans, which is compiled in: what a figure looks like doesn't depend on the
//! fonts of the machine. SVG names the generic family, so that viewers use theirs.

use std::sync::{Arc, OnceLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};

use super::{DrawError, pdf};
use crate::schema::output::FigureFormat;

/// Units to the inch of an SVG, as CSS defines them.
pub(super) const UNITS_PER_INCH: f32 = 96.0;
const FAMILY: &str = "Noto Sans";

impl FigureFormat {
    /// The ending of its files.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Pdf => "pdf",
            Self::Svg => "svg",
        }
    }
}

/// A picture's bytes in a format.
///
/// # Errors
/// When the picture can't be converted.
pub(super) fn render(svg: &str, format: FigureFormat, dpi: u32) -> Result<Vec<u8>, DrawError> {
    match format {
        FigureFormat::Svg => Ok(svg.as_bytes().to_vec()),
        FigureFormat::Png => png(svg, dpi),
        FigureFormat::Pdf => Ok(pdf::page(&tree(svg)?)?),
    }
}

fn png(svg: &str, dpi: u32) -> Result<Vec<u8>, DrawError> {
    let tree = tree(svg)?;
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let scale = dpi.clamp(10, 1200) as f32 / UNITS_PER_INCH;
    let size = tree
        .size()
        .to_int_size()
        .scale_by(scale)
        .ok_or("the picture is too small")?;
    let mut pixels = Pixmap::new(size.width(), size.height()).ok_or("the picture is too large")?;
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    Ok(pixels.encode_png()?)
}

fn tree(svg: &str) -> Result<Tree, DrawError> {
    let options = Options {
        fontdb: fonts(),
        font_family: FAMILY.to_owned(),
        ..Options::default()
    };
    Ok(Tree::from_str(svg, &options)?)
}

fn fonts() -> Arc<fontdb::Database> {
    static FONTS: OnceLock<Arc<fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = fontdb::Database::new();
        fonts.load_font_data(notosans::REGULAR_TTF.to_vec());
        fonts.load_font_data(notosans::BOLD_TTF.to_vec());
        fonts.set_sans_serif_family(FAMILY);
        Arc::new(fonts)
    }))
}
