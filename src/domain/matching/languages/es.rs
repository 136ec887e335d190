//! Spanish.

use rust_stemmers::Algorithm;

use super::{super::folding::Deed as D, Lexicon};

pub static LEXICON: Lexicon = Lexicon {
    algorithm: Algorithm::Spanish,
    fillers: "el la los las lo un una unos unas de del y e o a al en por para con favor sobre su sus tu tus mi mis \
        que está están esta este estos estas ese esa esos esas todo toda todos todas algunos algunas varios \
        varias hay se le les sitio lugar junto dos tres cuatro cinco seis siete ocho nueve diez ya",
    empty_adjectives: "sucio sucia sucios sucias tirado tirada tirados tiradas esparcido esparcida esparcidos \
        esparcidas usado usada usados usadas suelto suelta sueltos sueltas",
    places: &[
        "izquierda izquierdo",
        "derecha derecho",
        "arriba superior",
        "abajo inferior",
        "centro medio",
        "debajo bajo",
        "detrás",
    ],
    deeds: &[
        (
            D::Tidy,
            "recoger recoge recoja ordenar guardar colocar coloca coloque poner pon ponga llevar quitar quite \
             retirar retira meter mete organizar organice juntar dejar devolver devuelve sacar saca saque pasar pasa pase",
        ),
        (
            D::Wash,
            "lavar lava lave limpiar limpia limpie fregar friega friegue enjuagar",
        ),
        (D::Dry, "secar seca seque"),
        (D::Vacuum, "aspirar aspira aspire"),
        (D::Sweep, "barrer barre"),
        (D::Dust, "desempolvar"),
        (D::Empty, "vaciar vacía vacíe"),
        (D::Fill, "llenar llena llene cargar"),
        (D::Discard, "tirar tira tire desechar"),
        (D::Make, "hacer haz haga"),
        (D::Fold, "doblar dobla doble"),
        (D::Hang, "colgar cuelga cuelgue tender tiende"),
        (D::Iron, "planchar"),
        (D::Water, "regar riega riegue"),
        (D::Open, "abrir abre abra"),
        (D::Close, "cerrar cierra cierre"),
        (D::SwitchOff, "apagar apaga apague"),
        (D::SwitchOn, "encender enciende encienda"),
        (D::Replace, "cambiar cambia cambie reemplazar"),
    ],
    things: &[
        "sofá sillón",
        "suelo piso",
        "platos vajilla",
        // The stemmer makes "tidy" of it.
        "ordenador computadora",
    ],
    gendered: true,
    stem_again: false,
    particles: "",
    particles_end_titles: false,
    idle_particles: "",
    phrases: &[
        ("sacar", "basura", D::Empty),
        ("pasar", "aspiradora", D::Vacuum),
    ],
    left_behind: None,
};
