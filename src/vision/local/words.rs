//! What the embedded judge says, in the languages it speaks; English else.

use super::regions::Place;

/// One language's words. Names stand in titles, phrases after "mostly".
pub struct Words {
    tag: &'static str,
    verb: &'static str,
    camera: &'static str,
    names: [&'static str; 9],
    phrases: [&'static str; 9],
    /// From spotless to messy, as `Score::label`.
    labels: [&'static str; 5],
    /// `{}` is the label …
    looks: &'static str,
    /// … and `#` the camera's number.
    camera_looks: &'static str,
    mostly: &'static str,
    pub no_reference: &'static str,
    pub moved: &'static str,
    pub not_messier: &'static str,
}

const LABELS: [&str; 5] = ["spotless", "tidy", "lived in", "untidy", "messy"];

static ALL: [Words; 5] = [
    Words {
        tag: "en",
        verb: "Tidy up: ",
        camera: "camera",
        names: [
            "upper left",
            "top",
            "upper right",
            "left",
            "middle",
            "right",
            "lower left",
            "bottom",
            "lower right",
        ],
        phrases: [
            "at the upper left",
            "at the top",
            "at the upper right",
            "on the left",
            "in the middle",
            "on the right",
            "at the lower left",
            "at the bottom",
            "at the lower right",
        ],
        labels: LABELS,
        looks: "Looks {}",
        camera_looks: "Camera # looks {}",
        mostly: ", mostly ",
        no_reference: "Judged without a reference picture.",
        moved: "The camera shows another view than the reference pictures; set new ones.",
        not_messier: "Something changed, but the room is not messier.",
    },
    Words {
        tag: "de",
        verb: "Aufräumen: ",
        camera: "Kamera",
        names: [
            "oben links",
            "oben",
            "oben rechts",
            "links",
            "Mitte",
            "rechts",
            "unten links",
            "unten",
            "unten rechts",
        ],
        phrases: [
            "oben links",
            "oben",
            "oben rechts",
            "links",
            "in der Mitte",
            "rechts",
            "unten links",
            "unten",
            "unten rechts",
        ],
        labels: [
            "makellos",
            "ordentlich",
            "bewohnt",
            "unordentlich",
            "chaotisch",
        ],
        looks: "Sieht {} aus",
        camera_looks: "Kamera #: sieht {} aus",
        mostly: ", vor allem ",
        no_reference: "Ohne Vergleichsbild beurteilt.",
        moved: "Die Kamera zeigt einen anderen Ausschnitt als die Vergleichsbilder; bitte neue festlegen.",
        not_messier: "Etwas hat sich geändert, aber es ist nicht unordentlicher.",
    },
    Words {
        tag: "fr",
        verb: "Ranger : ",
        camera: "caméra",
        names: [
            "en haut à gauche",
            "en haut",
            "en haut à droite",
            "à gauche",
            "au milieu",
            "à droite",
            "en bas à gauche",
            "en bas",
            "en bas à droite",
        ],
        phrases: [
            "en haut à gauche",
            "en haut",
            "en haut à droite",
            "à gauche",
            "au milieu",
            "à droite",
            "en bas à gauche",
            "en bas",
            "en bas à droite",
        ],
        labels: [
            "impeccable",
            "bien rangé",
            "un peu en désordre",
            "en désordre",
            "très en désordre",
        ],
        looks: "Semble {}",
        camera_looks: "Caméra # : semble {}",
        mostly: ", surtout ",
        no_reference: "Jugé sans image de référence.",
        moved: "La caméra montre une autre vue que les images de référence ; définissez-en de nouvelles.",
        not_messier: "Quelque chose a changé, mais il n'y a pas plus de désordre.",
    },
    Words {
        tag: "es",
        verb: "Ordenar: ",
        camera: "cámara",
        names: [
            "arriba a la izquierda",
            "arriba",
            "arriba a la derecha",
            "a la izquierda",
            "en el centro",
            "a la derecha",
            "abajo a la izquierda",
            "abajo",
            "abajo a la derecha",
        ],
        phrases: [
            "arriba a la izquierda",
            "arriba",
            "arriba a la derecha",
            "a la izquierda",
            "en el centro",
            "a la derecha",
            "abajo a la izquierda",
            "abajo",
            "abajo a la derecha",
        ],
        labels: [
            "impecable",
            "ordenado",
            "algo desordenado",
            "desordenado",
            "muy desordenado",
        ],
        looks: "Se ve {}",
        camera_looks: "Cámara #: se ve {}",
        mostly: ", sobre todo ",
        no_reference: "Evaluado sin imagen de referencia.",
        moved: "La cámara muestra otra vista que las imágenes de referencia; defina otras nuevas.",
        not_messier: "Algo ha cambiado, pero no hay más desorden.",
    },
    Words {
        tag: "nl",
        verb: "Opruimen: ",
        camera: "camera",
        names: [
            "linksboven",
            "boven",
            "rechtsboven",
            "links",
            "midden",
            "rechts",
            "linksonder",
            "onder",
            "rechtsonder",
        ],
        phrases: [
            "linksboven",
            "boven",
            "rechtsboven",
            "links",
            "in het midden",
            "rechts",
            "linksonder",
            "onder",
            "rechtsonder",
        ],
        labels: [
            "brandschoon",
            "opgeruimd",
            "bewoond",
            "rommelig",
            "heel rommelig",
        ],
        looks: "Ziet er {} uit",
        camera_looks: "Camera #: ziet er {} uit",
        mostly: ", vooral ",
        no_reference: "Beoordeeld zonder referentiebeeld.",
        moved: "De camera toont een ander beeld dan de referentiebeelden; stel nieuwe in.",
        not_messier: "Er is iets veranderd, maar het is niet rommeliger.",
    },
];

/// The words for a language tag such as `de` or `de-AT`.
pub fn of(language: &str) -> &'static Words {
    let primary = language.split(['-', '_']).next().unwrap_or_default();
    ALL.iter()
        .find(|words| words.tag.eq_ignore_ascii_case(primary))
        .unwrap_or(&ALL[0])
}

impl Words {
    /// A task's title; the camera, counted from 0, if there are several.
    pub fn title(&self, place: Place, camera: Option<usize>) -> String {
        let (verb, name) = (self.verb, self.names[place.index()]);
        match camera {
            Some(camera) => format!("{verb}{name} ({} {})", self.camera, camera + 1),
            None => format!("{verb}{name}"),
        }
    }

    /// How a picture looks, and where most.
    pub fn looks(&self, label: &str, camera: Option<usize>, mostly: Option<Place>) -> String {
        let label = LABELS
            .iter()
            .position(|known| *known == label)
            .map_or(label, |i| self.labels[i]);
        let looks = match camera {
            Some(camera) => self.camera_looks.replace('#', &(camera + 1).to_string()),
            None => self.looks.to_owned(),
        };
        let mut out = looks.replace("{}", label);
        if let Some(place) = mostly {
            out.push_str(self.mostly);
            out.push_str(self.phrases[place.index()]);
        }
        out.push('.');
        out
    }

    fn read(&self, title: &str) -> Option<(usize, Place)> {
        let rest = title.strip_prefix(self.verb)?;
        let place = |name: &str| Place::all().nth(self.names.iter().position(|n| *n == name)?);
        match rest.rsplit_once(" (") {
            Some((name, camera)) => {
                let number = camera.strip_prefix(self.camera)?.strip_suffix(')')?;
                let camera: usize = number.trim_start().parse().ok()?;
                Some((camera.checked_sub(1)?, place(name)?))
            }
            None => Some((0, place(rest)?)),
        }
    }
}

/// Which camera (from 0) and place a title speaks of, in whatever language it
/// was written.
pub fn read_title(title: &str) -> Option<(usize, Place)> {
    ALL.iter().find_map(|words| words.read(title))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_title_is_read_back_in_every_language() {
        for words in &ALL {
            for place in Place::all() {
                for camera in [None, Some(0), Some(11)] {
                    let title = words.title(place, camera);
                    assert_eq!(
                        read_title(&title),
                        Some((camera.unwrap_or(0), place)),
                        "{title}"
                    );
                    assert!((3..=120).contains(&title.chars().count()));
                }
            }
        }
        for other in [
            "Tidy up: under the sofa",
            "Put the cups away",
            "Tidy up: left (camera 0)",
        ] {
            assert_eq!(read_title(other), None);
        }
    }

    #[test]
    fn an_unknown_language_is_english() {
        assert_eq!(of("pt-BR").tag, "en");
        assert_eq!(of("").tag, "en");
        assert_eq!(of("DE_at").tag, "de");
        assert_eq!(
            of("fr").looks("untidy", Some(1), Place::all().nth(8)),
            "Caméra 2 : semble en désordre, surtout en bas à droite."
        );
    }

    #[test]
    fn every_label_has_a_word() {
        for score in 0..=100_u8 {
            let label = crate::domain::score::Score::clamped(f32::from(score)).label();
            assert!(LABELS.contains(&label), "{label}");
        }
    }
}
