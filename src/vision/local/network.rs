//! The embedded network: EfficientNet-Lite0's features and a linear head that
//! tells messy from tidy, cell by cell. `tools/model/` builds both files.

use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, op_registry};
use rten_tensor::{NdTensor, prelude::*};

use super::resample;
use crate::{domain::learning::FEATURE_STEP, ports::Frame};

static FEATURES: &[u8] = include_bytes!("../../../assets/model/efflite0_w8.onnx");
/// One weight a channel, then the bias; 32-bit floats, little endian.
static HEAD: &[u8] = include_bytes!("../../../assets/model/head.bin");
const CHANNELS: usize = 1280;

/// The network sees pictures of about this many pixels …
const AREA: f32 = 224.0 * 224.0;
/// … whose edges are multiples of what one of its cells covers.
const CELL: u32 = 32;

/// How messy each part of a picture looks.
#[derive(Debug, Clone, PartialEq)]
pub struct Heat {
    pub columns: usize,
    pub rows: usize,
    /// Row by row; 0 is neither messy nor tidy, positive is messy.
    pub cells: Vec<f32>,
}

impl Heat {
    /// The whole picture's: the logarithm of the odds that the room is messy.
    pub fn logit(&self) -> f32 {
        self.cells.iter().sum::<f32>() / self.cells.len() as f32
    }
}

/// What the network sees in a picture.
pub struct Sight {
    pub heat: Heat,
    /// As in `Impression::features`.
    pub features: Vec<u8>,
}

/// The network runs in two halves, by the names of the values between them:
/// early layers need memory for what they compute, late ones for their weights,
/// and in one piece both are held at once. Saves 10 MiB of peak.
const STATIONS: [&str; 3] = ["image", "add10", "f32"];

pub struct Network {
    features: Model,
    stations: Vec<NodeId>,
    weights: Vec<f32>,
    bias: f32,
    threads: Arc<ThreadPool>,
}

impl Network {
    /// Reads what is embedded; takes a few milliseconds. Errors mean a broken build.
    pub fn load() -> Result<Self, String> {
        // Only what the graph uses, which keeps the other operators out of the binary.
        let operators = op_registry!(
            Add,
            Clip,
            Conv,
            DequantizeLinear,
            Flatten,
            GlobalAveragePool,
            Identity
        );
        let features = ModelOptions::with_ops(operators)
            // It would keep all weights as 32-bit floats: a third faster, but 12 MiB
            // more for as long as the service runs.
            .enable_optimization(false)
            .load_static_slice(FEATURES)
            .map_err(|e| format!("the embedded network cannot be read ({e})"))?;
        let stations = STATIONS
            .iter()
            .map(|name| features.node_id(name))
            .collect::<Result<_, _>>()
            .map_err(|e| format!("the embedded network lacks a station ({e})"))?;
        let (numbers, _) = HEAD.as_chunks::<4>();
        let mut weights: Vec<f32> = numbers.iter().map(|n| f32::from_le_bytes(*n)).collect();
        let bias = weights.pop().unwrap_or_default();
        if weights.len() != CHANNELS {
            return Err(format!(
                "the embedded head has {} weights, not {CHANNELS}",
                weights.len()
            ));
        }
        Ok(Self {
            features,
            stations,
            weights,
            bias,
            // The other cores stay with the household's other services.
            threads: Arc::new(ThreadPool::with_num_threads(1)),
        })
    }

    /// How messy a picture looks.
    pub fn heat(&self, frame: &Frame) -> Result<Heat, String> {
        Ok(self.sight(frame)?.heat)
    }

    /// Looks at a picture.
    pub fn sight(&self, frame: &Frame) -> Result<Sight, String> {
        let failed = |e: &dyn std::fmt::Display| format!("the embedded network failed ({e})");
        let mut value: Value = prepared(frame)?.into();
        for half in self.stations.windows(2) {
            let mut options = RunOptions::default();
            options.thread_pool = Some(self.threads.clone());
            [value] = self
                .features
                .run_n(vec![(half[0], value.into())], [half[1]], Some(options))
                .map_err(|e| failed(&e))?;
        }
        let features: NdTensor<f32, 4> = value.try_into().map_err(|e| failed(&e))?;
        let [_, channels, rows, columns] = features.shape();
        if channels != CHANNELS {
            return Err(failed(&format_args!("{channels} channels")));
        }
        let features = features.to_contiguous();
        let mut cells = vec![self.bias; rows * columns];
        for (channel, weight) in features
            .data()
            .chunks_exact(rows * columns)
            .zip(&self.weights)
        {
            for (cell, feature) in cells.iter_mut().zip(channel) {
                *cell += weight * feature;
            }
        }
        let step = |feature: &f32| (feature / FEATURE_STEP).round().clamp(0.0, 255.0) as u8;
        Ok(Sight {
            heat: Heat {
                columns,
                rows,
                cells,
            },
            features: features.data().iter().map(step).collect(),
        })
    }
}

/// The size at which the network sees a picture: aspect about kept.
fn seen_size(width: u32, height: u32) -> (u32, u32) {
    let scale = (AREA / (width as f32 * height as f32)).sqrt();
    let cells = |edge: u32| ((edge as f32 * scale / CELL as f32).round() as u32).clamp(1, 24);
    (cells(width) * CELL, cells(height) * CELL)
}

/// The picture as the network was trained to see it: channels apart, −1 to 1.
fn prepared(frame: &Frame) -> Result<NdTensor<f32, 4>, String> {
    let from = (frame.width as usize, frame.height as usize);
    if from.0 * from.1 == 0 || frame.rgb.len() != from.0 * from.1 * 3 {
        return Err("the frame is not as large as its size says".into());
    }
    let (width, height) = seen_size(frame.width, frame.height);
    let (width, height) = (width as usize, height as usize);
    let mut input = resample::planes(&frame.rgb, from, (width, height));
    for value in &mut input {
        *value = (*value - 127.0) / 128.0;
    }
    Ok(NdTensor::from_data([1, 3, height, width], input))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same formula as in `tools/model/golden.py`.
    fn picture(width: u32, height: u32) -> Frame {
        let rgb: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .flat_map(|(x, y)| {
                let red = (x / 16 * 37 + y / 16 * 91) % 256;
                [red, x * 255 / width, x * y / 64 % 256].map(|v| v as u8)
            })
            .collect();
        Frame {
            width,
            height,
            rgb: rgb.into(),
            jpeg: Vec::new().into(),
        }
    }

    #[test]
    fn it_computes_what_onnxruntime_computes() {
        let network = Network::load().unwrap();
        // Printed by tools/model/golden.py: logit, first cell, last cell, hottest.
        for (width, height, expected) in [
            (288, 160, [-0.04945, -0.08830, -0.36966, 1.18161]),
            (224, 224, [0.10405, -0.12558, -0.11753, 1.99732]),
            (160, 288, [0.16708, -0.21653, -0.38538, 1.16086]),
        ] {
            let heat = network.heat(&picture(width, height)).unwrap();
            assert_eq!(
                (heat.columns as u32, heat.rows as u32),
                (width / 32, height / 32)
            );
            let hottest = heat.cells.iter().copied().fold(f32::MIN, f32::max);
            let found = [
                heat.logit(),
                heat.cells[0],
                heat.cells[heat.cells.len() - 1],
                hottest,
            ];
            for (found, expected) in found.iter().zip(expected) {
                assert!(
                    (found - expected).abs() < 1e-3,
                    "{width}x{height}: {found} is not {expected}"
                );
            }
        }
    }

    #[test]
    fn pictures_are_seen_at_about_one_area_whatever_their_shape() {
        assert_eq!(seen_size(1024, 576), (288, 160));
        assert_eq!(seen_size(299, 299), (224, 224));
        assert_eq!(seen_size(576, 1024), (160, 288));
        assert_eq!(seen_size(1024, 1), (768, 32));
        assert_eq!(seen_size(1, 1), (224, 224));
    }

    #[test]
    fn a_frame_that_lies_about_its_size_is_an_error() {
        let mut frame = picture(64, 64);
        frame.width = 65;
        assert!(Network::load().unwrap().heat(&frame).is_err());
    }
}
