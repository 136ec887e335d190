//! The values that metric labels may have, besides what the domain already
//! names. Closed sets, so that no label can grow without bound.

macro_rules! labels {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$value_doc])* $value),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$value),+];

            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $text),+ }
            }
        }
    };
}

labels! {
    /// The stages of a check whose time is measured.
    Stage {
        Capture = "capture",
        /// Decode, gates, shrink, encode.
        Prepare = "prepare",
        Judge = "judge",
        /// Reconcile, save, publish.
        Apply = "apply",
    }
}

labels! {
    /// What was asked of Home Assistant or its Supervisor.
    Request {
        Camera = "camera",
        /// An action (formerly service call).
        Action = "action",
        Todo = "todo",
        /// What Home Assistant says of itself and its entities, once or from now on.
        State = "state",
        Supervisor = "supervisor",
    }
}

labels! {
    /// What was done to a to-do list.
    TodoOperation {
        List = "list",
        Add = "add",
        Complete = "complete",
        Reopen = "reopen",
        Rename = "rename",
        Remove = "remove",
    }
}

labels! {
    /// How the other side answered.
    Answer {
        Ok = "ok",
        /// Away for a while: tried again later, not a fault.
        Paused = "paused",
        /// Answered, and said no.
        Refused = "refused",
        /// No usable answer.
        Failed = "failed",
    }
}
