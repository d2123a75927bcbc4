CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);

CREATE TABLE public.attempts (
    run_id integer NOT NULL,
    attempt integer NOT NULL,
    sweep_id integer NOT NULL,
    driver_epoch integer NOT NULL,
    first_epoch integer NOT NULL,
    dataset_id integer,
    host text NOT NULL,
    pid integer NOT NULL,
    device text NOT NULL,
    gpu text,
    gpu_driver text,
    cuda text,
    torch text NOT NULL,
    python text NOT NULL,
    gst text NOT NULL,
    git_commit text,
    git_dirty boolean,
    "precision" text NOT NULL,
    deterministic boolean NOT NULL,
    started timestamp with time zone NOT NULL,
    ended timestamp with time zone,
    outcome text,
    traceback text,
    log_tail text,
    peak_memory bigint,
    seconds double precision,
    cpus double precision,
    gpus double precision,
    fallback text,
    numerics integer,
    CONSTRAINT ck_attempts_ended CHECK (((ended IS NULL) = (outcome IS NULL))),
    CONSTRAINT ck_attempts_outcome CHECK ((outcome = ANY (ARRAY['completed'::text, 'failed'::text, 'interrupted'::text, 'diverged'::text, 'lost'::text, 'cancelled'::text])))
);

CREATE TABLE public.configs (
    config_id integer NOT NULL,
    hash text NOT NULL,
    config text NOT NULL,
    dataset text NOT NULL,
    train_per_class integer,
    augment boolean NOT NULL,
    label_noise double precision NOT NULL,
    model text NOT NULL,
    epochs integer NOT NULL,
    batch_size integer NOT NULL,
    optimizer text NOT NULL,
    lr double precision NOT NULL,
    weight_decay double precision NOT NULL,
    "precision" text NOT NULL,
    kind text NOT NULL,
    score text,
    target text,
    layers text,
    scratch boolean NOT NULL,
    prune_start integer,
    prune_end integer,
    retrain_period integer,
    iterative_rate double precision,
    total_fraction double precision,
    train_batches integer,
    scale double precision NOT NULL,
    width double precision NOT NULL,
    validation double precision NOT NULL,
    levels integer,
    rewind text,
    rewind_epoch integer,
    el2n_networks integer,
    el2n_epochs integer
);

CREATE SEQUENCE public.configs_config_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.configs_config_id_seq OWNED BY public.configs.config_id;

CREATE TABLE public.datasets (
    dataset_id integer NOT NULL,
    name text NOT NULL,
    train integer NOT NULL,
    test integer NOT NULL,
    classes integer NOT NULL,
    content_hash text NOT NULL,
    source text NOT NULL
);

CREATE SEQUENCE public.datasets_dataset_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.datasets_dataset_id_seq OWNED BY public.datasets.dataset_id;

CREATE TABLE public.eigenvalues (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    settings text NOT NULL,
    rank integer NOT NULL,
    value double precision NOT NULL,
    residual double precision NOT NULL
);

CREATE TABLE public.epochs (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    level integer NOT NULL,
    train_loss double precision,
    train_accuracy double precision NOT NULL,
    test_loss double precision,
    test_accuracy double precision NOT NULL,
    lr double precision NOT NULL,
    filters_left integer,
    parameters_left bigint NOT NULL,
    seconds double precision NOT NULL,
    test_ece double precision,
    distance double precision,
    CONSTRAINT ck_epochs_epoch CHECK ((epoch >= 0)),
    CONSTRAINT ck_epochs_test_accuracy CHECK (((test_accuracy >= (0)::double precision) AND (test_accuracy <= (1)::double precision))),
    CONSTRAINT ck_epochs_train_accuracy CHECK (((train_accuracy >= (0)::double precision) AND (train_accuracy <= (1)::double precision)))
);

CREATE TABLE public.examples (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    trained integer NOT NULL,
    held_out json,
    noisy json,
    el2n json
);

CREATE TABLE public.flatness (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    settings text NOT NULL,
    images integer NOT NULL,
    method text NOT NULL,
    eigenpairs integer NOT NULL,
    hessian_trace double precision,
    significant_trace double precision,
    stochastic_trace double precision,
    gradient_trace double precision,
    tic double precision,
    epsilon double precision,
    refined_epsilon double precision,
    base_loss double precision,
    products integer NOT NULL,
    seconds double precision NOT NULL
);

CREATE TABLE public.group_losses (
    run_id integer NOT NULL,
    level integer NOT NULL,
    epoch integer NOT NULL,
    bin integer NOT NULL,
    n_original integer NOT NULL,
    original_loss double precision,
    n_noisy integer NOT NULL,
    noisy_loss double precision,
    loss double precision,
    CONSTRAINT ck_group_losses_bin CHECK ((bin >= 1))
);

CREATE TABLE public.kept_states (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    checkpoint text NOT NULL,
    sha256 text NOT NULL,
    artifacts text NOT NULL
);

CREATE TABLE public.layer_prunings (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    layer text NOT NULL,
    total integer NOT NULL,
    kept_before integer NOT NULL,
    kept_after integer NOT NULL,
    mean_score double precision,
    removed json,
    CONSTRAINT ck_layer_prunings_kept CHECK (((0 <= kept_after) AND (kept_after <= kept_before) AND (kept_before <= total)))
);

CREATE TABLE public.levels (
    run_id integer NOT NULL,
    level integer NOT NULL,
    epoch integer NOT NULL,
    weights bigint NOT NULL,
    weights_left bigint NOT NULL,
    test_loss double precision,
    test_accuracy double precision NOT NULL,
    n_validation integer NOT NULL,
    validation_loss double precision,
    validation_accuracy double precision,
    train_loss double precision,
    train_accuracy double precision NOT NULL,
    n_original integer NOT NULL,
    original_loss double precision,
    original_accuracy double precision,
    n_noisy integer NOT NULL,
    noisy_loss double precision,
    noisy_accuracy double precision,
    CONSTRAINT ck_levels_level CHECK ((level >= 0)),
    CONSTRAINT ck_levels_noisy_accuracy CHECK (((noisy_accuracy >= (0)::double precision) AND (noisy_accuracy <= (1)::double precision))),
    CONSTRAINT ck_levels_original_accuracy CHECK (((original_accuracy >= (0)::double precision) AND (original_accuracy <= (1)::double precision))),
    CONSTRAINT ck_levels_test_accuracy CHECK (((test_accuracy >= (0)::double precision) AND (test_accuracy <= (1)::double precision))),
    CONSTRAINT ck_levels_train_accuracy CHECK (((train_accuracy >= (0)::double precision) AND (train_accuracy <= (1)::double precision))),
    CONSTRAINT ck_levels_validation_accuracy CHECK (((validation_accuracy >= (0)::double precision) AND (validation_accuracy <= (1)::double precision))),
    CONSTRAINT ck_levels_weights CHECK (((0 <= weights_left) AND (weights_left <= weights)))
);

CREATE TABLE public.runs (
    run_id integer NOT NULL,
    key text NOT NULL,
    config_id integer NOT NULL,
    seed bigint NOT NULL,
    status text NOT NULL,
    reason text,
    attempt integer NOT NULL,
    stall integer NOT NULL,
    last_epoch integer,
    furthest_epoch integer,
    checkpoint text,
    checkpoint_epoch integer,
    seconds double precision NOT NULL,
    created timestamp with time zone NOT NULL,
    started timestamp with time zone,
    heartbeat timestamp with time zone,
    ended timestamp with time zone,
    sweep_id integer,
    driver_epoch integer,
    checkpoint_sha256 text,
    earlier_checkpoint text,
    earlier_epoch integer,
    earlier_sha256 text,
    artifacts text,
    el2n_epoch integer,
    CONSTRAINT ck_runs_checkpoint CHECK (((checkpoint IS NULL) = (checkpoint_epoch IS NULL))),
    CONSTRAINT ck_runs_checkpoint_epoch CHECK ((checkpoint_epoch <= last_epoch)),
    CONSTRAINT ck_runs_earlier_checkpoint CHECK (((earlier_checkpoint IS NULL) = (earlier_epoch IS NULL))),
    CONSTRAINT ck_runs_earlier_epoch CHECK ((earlier_epoch < checkpoint_epoch)),
    CONSTRAINT ck_runs_scoring CHECK ((el2n_epoch < 0)),
    CONSTRAINT ck_runs_status CHECK ((status = ANY (ARRAY['pending'::text, 'running'::text, 'completed'::text, 'failed'::text, 'interrupted'::text, 'diverged'::text, 'cancelled'::text])))
);

CREATE VIEW public.level_summary AS
 SELECT s.config_id,
    s.level,
    s.n,
    s.weights_left,
    s.test_error,
    s.validation_error,
    s.train_loss,
    s.original_loss,
    s.noisy_loss,
    s.error_change,
    s.error_change_variance,
        CASE
            WHEN (s.n < 2) THEN NULL::text
            WHEN ((s.error_change * s.error_change) < s.error_change_variance) THEN 'match'::text
            WHEN (s.error_change < (0)::double precision) THEN 'better'::text
            WHEN (s.error_change > (0)::double precision) THEN 'worse'::text
            ELSE 'match'::text
        END AS against_dense
   FROM ( SELECT x.config_id,
            x.level,
            count(*) AS n,
            avg((((x.weights_left)::numeric * 1.0) / (x.weights)::numeric)) AS weights_left,
            avg(((1)::double precision - x.test_accuracy)) AS test_error,
            avg(((1)::double precision - x.validation_accuracy)) AS validation_error,
            avg(x.train_loss) AS train_loss,
            avg(x.original_loss) AS original_loss,
            avg(x.noisy_loss) AS noisy_loss,
            avg(x.error_change) AS error_change,
                CASE
                    WHEN (count(*) > 1) THEN (sum(((x.error_change - x.mean_change) * (x.error_change - x.mean_change))) / ((count(*) - 1))::double precision)
                    ELSE NULL::double precision
                END AS error_change_variance
           FROM ( SELECT r.config_id,
                    l.run_id,
                    l.level,
                    l.epoch,
                    l.weights,
                    l.weights_left,
                    l.test_loss,
                    l.test_accuracy,
                    l.n_validation,
                    l.validation_loss,
                    l.validation_accuracy,
                    l.train_loss,
                    l.train_accuracy,
                    l.n_original,
                    l.original_loss,
                    l.original_accuracy,
                    l.n_noisy,
                    l.noisy_loss,
                    l.noisy_accuracy,
                    (dense.test_accuracy - l.test_accuracy) AS error_change,
                    avg((dense.test_accuracy - l.test_accuracy)) OVER (PARTITION BY r.config_id, l.level) AS mean_change
                   FROM ((public.runs r
                     JOIN public.levels l ON ((l.run_id = r.run_id)))
                     JOIN public.levels dense ON (((dense.run_id = r.run_id) AND (dense.level = 0))))
                  WHERE (r.status = 'completed'::text)) x
          GROUP BY x.config_id, x.level) s;

CREATE TABLE public.looks (
    sweep_id integer NOT NULL,
    look integer NOT NULL,
    seeds integer NOT NULL,
    pairs integer NOT NULL,
    estimate double precision,
    low double precision,
    high double precision,
    p double precision,
    level double precision NOT NULL,
    decision text NOT NULL,
    decided timestamp with time zone NOT NULL,
    CONSTRAINT ck_looks_decision CHECK ((decision = ANY (ARRAY['continue'::text, 'reject'::text, 'futility'::text, 'width'::text, 'last'::text]))),
    CONSTRAINT ck_looks_look CHECK ((look >= 1)),
    CONSTRAINT ck_looks_pairs CHECK (((0 <= pairs) AND (pairs <= seeds)))
);

CREATE TABLE public.normality (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    settings text NOT NULL,
    layer text NOT NULL,
    statistics text NOT NULL,
    n integer NOT NULL,
    mean double precision,
    variance double precision,
    kurtosis double precision,
    ks double precision,
    density json NOT NULL,
    CONSTRAINT ck_normality_statistics CHECK ((statistics = ANY (ARRAY['batch'::text, 'running'::text])))
);

CREATE TABLE public.notes (
    note_id integer NOT NULL,
    run_id integer,
    sweep_id integer,
    text text NOT NULL,
    written timestamp with time zone NOT NULL,
    CONSTRAINT ck_notes_about CHECK (((run_id IS NULL) <> (sweep_id IS NULL))),
    CONSTRAINT ck_notes_text CHECK ((text <> ''::text))
);

CREATE SEQUENCE public.notes_note_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.notes_note_id_seq OWNED BY public.notes.note_id;

CREATE VIEW public.optimal_levels AS
 SELECT t.chosen_by,
    t.config_id,
    t.level,
    t.n,
    t.weights_left,
    t.test_error,
    t.validation_error,
    t.train_loss,
    t.original_loss,
    t.noisy_loss,
    t.error_change,
    t.error_change_variance,
    t.against_dense,
    t.place
   FROM ( SELECT 'validation'::text AS chosen_by,
            v.config_id,
            v.level,
            v.n,
            v.weights_left,
            v.test_error,
            v.validation_error,
            v.train_loss,
            v.original_loss,
            v.noisy_loss,
            v.error_change,
            v.error_change_variance,
            v.against_dense,
            row_number() OVER (PARTITION BY v.config_id ORDER BY v.validation_error, v.level) AS place
           FROM public.level_summary v
          WHERE (v.validation_error IS NOT NULL)
        UNION ALL
         SELECT 'test'::text AS chosen_by,
            v.config_id,
            v.level,
            v.n,
            v.weights_left,
            v.test_error,
            v.validation_error,
            v.train_loss,
            v.original_loss,
            v.noisy_loss,
            v.error_change,
            v.error_change_variance,
            v.against_dense,
            row_number() OVER (PARTITION BY v.config_id ORDER BY v.test_error, v.level) AS place
           FROM public.level_summary v) t
  WHERE (t.place = 1);

CREATE TABLE public.perturbation_losses (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    settings text NOT NULL,
    rank integer NOT NULL,
    epsilon double precision NOT NULL,
    increase double precision
);

CREATE TABLE public.probes (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    name text NOT NULL,
    test_accuracy double precision NOT NULL,
    test_loss double precision,
    n_test integer NOT NULL,
    CONSTRAINT ck_probes_test_accuracy CHECK (((test_accuracy >= (0)::double precision) AND (test_accuracy <= (1)::double precision)))
);

CREATE TABLE public.pruning_events (
    run_id integer NOT NULL,
    epoch integer NOT NULL,
    kind text NOT NULL,
    test_accuracy_before double precision NOT NULL,
    test_accuracy_after double precision NOT NULL,
    test_loss_before double precision,
    test_loss_after double precision,
    n_test integer NOT NULL,
    removed integer NOT NULL,
    mean_score double precision,
    mask_hash text NOT NULL,
    instability double precision GENERATED ALWAYS AS (((test_accuracy_before - test_accuracy_after) / NULLIF(test_accuracy_before, (0)::double precision))) STORED,
    stability double precision GENERATED ALWAYS AS ((test_accuracy_after / NULLIF(test_accuracy_before, (0)::double precision))) STORED,
    churn double precision,
    ece_before double precision,
    ece_after double precision,
    CONSTRAINT ck_pruning_events_epoch CHECK ((epoch >= '-1'::integer)),
    CONSTRAINT ck_pruning_events_removed CHECK ((removed >= 0)),
    CONSTRAINT ck_pruning_events_test_accuracy_after CHECK (((test_accuracy_after >= (0)::double precision) AND (test_accuracy_after <= (1)::double precision))),
    CONSTRAINT ck_pruning_events_test_accuracy_before CHECK (((test_accuracy_before >= (0)::double precision) AND (test_accuracy_before <= (1)::double precision)))
);

CREATE VIEW public.run_summary AS
 SELECT s.run_id,
    s.key,
    s.config_id,
    s.seed,
    s.status,
    s.reason,
    s.attempt,
    s.last_epoch,
    c.model,
    c.dataset,
    c.train_per_class,
    c.label_noise,
    c.optimizer,
    c.lr,
    c.epochs,
    c.kind,
    c.score,
    c.target,
    c.layers,
    c.scratch,
    c.prune_start,
    c.prune_end,
    c.retrain_period,
    c.iterative_rate,
    c.total_fraction,
    c.train_batches,
    c.scale,
    final.test_accuracy AS final_test_accuracy,
    best.test_accuracy AS best_test_accuracy,
    best.epoch AS best_epoch,
    final.train_accuracy AS final_train_accuracy,
    (final.train_accuracy - final.test_accuracy) AS final_gap,
    (best.train_accuracy - best.test_accuracy) AS best_gap,
        CASE
            WHEN (s.last_epoch IS NULL) THEN NULL::double precision
            WHEN (s.events = 0) THEN (1.0)::double precision
            ELSE ( SELECT avg(p.stability) AS avg
               FROM public.pruning_events p
              WHERE ((p.run_id = s.run_id) AND (p.epoch >= 0) AND (p.removed > 0)))
        END AS mean_stability,
        CASE
            WHEN (s.last_epoch IS NULL) THEN NULL::double precision
            WHEN (s.events = 0) THEN (0.0)::double precision
            ELSE ( SELECT avg((p.test_accuracy_before - p.test_accuracy_after)) AS avg
               FROM public.pruning_events p
              WHERE ((p.run_id = s.run_id) AND (p.epoch >= 0) AND (p.removed > 0)))
        END AS mean_drop,
        CASE
            WHEN (s.last_epoch IS NULL) THEN NULL::double precision
            WHEN (s.events = 0) THEN (0.0)::double precision
            ELSE ( SELECT (p.test_accuracy_before - p.test_accuracy_after)
               FROM public.pruning_events p
              WHERE ((p.run_id = s.run_id) AND (p.epoch = s.last_event)))
        END AS last_drop,
    s.events,
    s.last_event,
    s.seconds
   FROM (((( SELECT r.run_id,
            r.key,
            r.config_id,
            r.seed,
            r.status,
            r.reason,
            r.attempt,
            r.stall,
            r.last_epoch,
            r.furthest_epoch,
            r.checkpoint,
            r.checkpoint_epoch,
            r.seconds,
            r.created,
            r.started,
            r.heartbeat,
            r.ended,
            r.sweep_id,
            r.driver_epoch,
            ( SELECT count(*) AS count
                   FROM public.pruning_events p
                  WHERE ((p.run_id = r.run_id) AND (p.epoch >= 0) AND (p.removed > 0))) AS events,
            ( SELECT max(p.epoch) AS max
                   FROM public.pruning_events p
                  WHERE ((p.run_id = r.run_id) AND (p.epoch >= 0) AND (p.removed > 0))) AS last_event,
            ( SELECT e.epoch
                   FROM public.epochs e
                  WHERE ((e.run_id = r.run_id) AND (e.epoch >= COALESCE(( SELECT max(p.epoch) AS max
                           FROM public.pruning_events p
                          WHERE ((p.run_id = r.run_id) AND (p.epoch >= 0) AND (p.removed > 0))), 0)))
                  ORDER BY e.test_accuracy DESC, e.epoch
                 LIMIT 1) AS best_epoch
           FROM public.runs r) s
     JOIN public.configs c ON ((c.config_id = s.config_id)))
     LEFT JOIN public.epochs final ON (((final.run_id = s.run_id) AND (final.epoch = s.last_epoch))))
     LEFT JOIN public.epochs best ON (((best.run_id = s.run_id) AND (best.epoch = s.best_epoch))));

CREATE TABLE public.run_tags (
    run_id integer NOT NULL,
    tag text NOT NULL,
    CONSTRAINT ck_run_tags_tag CHECK ((tag <> ''::text))
);

CREATE SEQUENCE public.runs_run_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.runs_run_id_seq OWNED BY public.runs.run_id;

CREATE VIEW public.sparsest_better AS
 SELECT t.config_id,
    t.level,
    t.n,
    t.weights_left,
    t.test_error,
    t.validation_error,
    t.train_loss,
    t.original_loss,
    t.noisy_loss,
    t.error_change,
    t.error_change_variance,
    t.against_dense,
    t.place
   FROM ( SELECT v.config_id,
            v.level,
            v.n,
            v.weights_left,
            v.test_error,
            v.validation_error,
            v.train_loss,
            v.original_loss,
            v.noisy_loss,
            v.error_change,
            v.error_change_variance,
            v.against_dense,
            row_number() OVER (PARTITION BY v.config_id ORDER BY v.level DESC) AS place
           FROM public.level_summary v
          WHERE (v.against_dense = 'better'::text)) t
  WHERE (t.place = 1);

CREATE TABLE public.sweeps (
    sweep_id integer NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    title text NOT NULL,
    claim text NOT NULL,
    text text NOT NULL,
    figures json NOT NULL,
    driver_epoch integer NOT NULL,
    registered timestamp with time zone NOT NULL,
    design json,
    options text
);

CREATE VIEW public.sweep_addresses AS
 SELECT ((sweeps.name || '@'::text) || substr(sweeps.digest, 1, 7)) AS address,
    sweeps.sweep_id
   FROM public.sweeps
UNION ALL
 SELECT ordered.name AS address,
    ordered.sweep_id
   FROM ( SELECT sweeps.name,
            sweeps.sweep_id,
            row_number() OVER (PARTITION BY sweeps.name ORDER BY
                CASE
                    WHEN (sweeps.options = ''::text) THEN 0
                    WHEN (sweeps.options IS NULL) THEN 1
                    ELSE 2
                END, sweeps.registered DESC, sweeps.sweep_id DESC) AS place
           FROM public.sweeps) ordered
  WHERE (ordered.place = 1);

CREATE TABLE public.sweep_runs (
    sweep_id integer NOT NULL,
    run_id integer NOT NULL,
    arm text NOT NULL,
    "position" integer NOT NULL,
    measure text
);

CREATE SEQUENCE public.sweeps_sweep_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.sweeps_sweep_id_seq OWNED BY public.sweeps.sweep_id;

CREATE TABLE public.system_samples (
    run_id integer NOT NULL,
    attempt integer NOT NULL,
    sample integer NOT NULL,
    start double precision NOT NULL,
    stop double precision NOT NULL,
    cpu_use double precision NOT NULL,
    memory bigint,
    gpu_use double precision,
    gpu_memory bigint,
    gpu_power double precision,
    CONSTRAINT ck_system_samples_gpu_use CHECK (((gpu_use >= (0)::double precision) AND (gpu_use <= (1)::double precision))),
    CONSTRAINT ck_system_samples_sample CHECK ((sample >= 0)),
    CONSTRAINT ck_system_samples_start CHECK ((((0)::double precision <= start) AND (start < stop)))
);

CREATE VIEW public.tradeoff AS
 SELECT m.sweep_id,
    w.name AS sweep,
    m.arm,
    m."position",
    r.run_id,
    r.key,
    r.seed,
    r.config_id,
    r.mean_stability AS stability,
    r.mean_drop AS drop,
    r.final_test_accuracy,
    r.best_test_accuracy,
    r.final_gap,
    r.best_gap,
    r.scale,
    r.dataset,
    r.model
   FROM ((public.sweep_runs m
     JOIN public.sweeps w ON ((w.sweep_id = m.sweep_id)))
     JOIN public.run_summary r ON ((r.run_id = m.run_id)))
  WHERE (r.status = 'completed'::text);

ALTER TABLE ONLY public.configs ALTER COLUMN config_id SET DEFAULT nextval('public.configs_config_id_seq'::regclass);

ALTER TABLE ONLY public.datasets ALTER COLUMN dataset_id SET DEFAULT nextval('public.datasets_dataset_id_seq'::regclass);

ALTER TABLE ONLY public.notes ALTER COLUMN note_id SET DEFAULT nextval('public.notes_note_id_seq'::regclass);

ALTER TABLE ONLY public.runs ALTER COLUMN run_id SET DEFAULT nextval('public.runs_run_id_seq'::regclass);

ALTER TABLE ONLY public.sweeps ALTER COLUMN sweep_id SET DEFAULT nextval('public.sweeps_sweep_id_seq'::regclass);

INSERT INTO public.alembic_version VALUES ('0011');

INSERT INTO public.attempts VALUES (1, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.114757+00', '2026-12-01 00:26:19.15711+00', 'completed', NULL, NULL, 1000, 0.018361375999973006, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (27, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.617418+00', '2026-12-01 00:26:19.632591+00', 'completed', NULL, NULL, 1000, 0.006189146999986406, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (12, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.158801+00', '2026-12-01 00:26:19.180242+00', 'completed', NULL, NULL, 1000, 0.010097323000024971, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (10, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.181778+00', '2026-12-01 00:26:19.205924+00', 'completed', NULL, NULL, 1000, 0.013374924000004285, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (9, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.207439+00', '2026-12-01 00:26:19.228523+00', 'interrupted', NULL, NULL, NULL, 0.010221646999980294, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (25, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.633912+00', '2026-12-01 00:26:19.64848+00', 'completed', NULL, NULL, 1000, 0.006129136999959428, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (2, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.230158+00', '2026-12-01 00:26:19.251014+00', 'completed', NULL, NULL, 1000, 0.009772888999975748, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (7, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.252625+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (4, 1, 1, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.273862+00', '2026-12-01 00:26:19.289726+00', 'diverged', NULL, NULL, NULL, 0.006624444000010499, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (13, 1, 2, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.303437+00', '2026-12-01 00:26:19.326543+00', 'completed', NULL, NULL, 1000, 0.013956683000003522, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (19, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.649752+00', '2026-12-01 00:26:19.663991+00', 'completed', NULL, NULL, 1000, 0.006026242000018556, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (14, 1, 2, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.327885+00', '2026-12-01 00:26:19.350007+00', 'completed', NULL, NULL, 1000, 0.01247777999998334, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (16, 1, 3, 1, 0, NULL, 'node7', 4242, 'cuda', 'NVIDIA H200', '570.86.15', '12.8', '2.8.0', '3.11.7', '0.1.0', 'abc', true, 'fp32', false, '2026-12-01 00:26:19.365247+00', '2026-12-01 00:26:19.379513+00', 'failed', 'Traceback (most recent call last):
  File "gst/training/train.py", line 93, in train
    loss = criterion(network(images), labels)
RuntimeError: it''s 3 > 2; {":x": "naïve — ✓"} \ 100%
', 'last line
but one', NULL, 0.001388652999992246, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (16, 2, 3, 1, 0, NULL, 'node7', 4242, 'cuda', 'NVIDIA H200', '570.86.15', '12.8', '2.8.0', '3.11.7', '0.1.0', 'abc', true, 'fp32', false, '2026-12-01 00:26:19.388724+00', '2026-12-01 00:26:19.403094+00', 'lost', NULL, NULL, NULL, 0.01437, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (16, 3, 3, 1, 1, NULL, 'node7', 4242, 'cuda', 'NVIDIA H200', '570.86.15', '12.8', '2.8.0', '3.11.7', '0.1.0', 'abc', true, 'fp32', false, '2026-12-01 00:26:19.405607+00', '2026-12-01 00:26:19.439113+00', 'completed', NULL, NULL, 8589934592, 0.016663117000007333, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (17, 1, 3, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.444056+00', '2026-12-01 00:26:19.460507+00', 'failed', 'Traceback (most recent call last):
  ...
RuntimeError: broken', 'last line', NULL, 0.008277455999973427, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (26, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.503642+00', '2026-12-01 00:26:19.521275+00', 'completed', NULL, NULL, 1000, 0.008345076000011886, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (32, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.695983+00', '2026-12-01 00:26:19.711467+00', 'completed', NULL, NULL, 1000, 0.005930200999955559, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (20, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.522924+00', '2026-12-01 00:26:19.541333+00', 'completed', NULL, NULL, 1000, 0.008524910999994972, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (24, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.543548+00', '2026-12-01 00:26:19.566043+00', 'completed', NULL, NULL, 1000, 0.008924347000004218, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (21, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.568019+00', '2026-12-01 00:26:19.584953+00', 'completed', NULL, NULL, 1000, 0.006104567000022598, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (29, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.71265+00', '2026-12-01 00:26:19.727546+00', 'completed', NULL, NULL, 1000, 0.0061633219999635, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (23, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.586196+00', '2026-12-01 00:26:19.599953+00', 'completed', NULL, NULL, 1000, 0.005944509000016751, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (22, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.601263+00', '2026-12-01 00:26:19.616249+00', 'completed', NULL, NULL, 1000, 0.005905728000016097, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (33, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.728743+00', '2026-12-01 00:26:19.7444+00', 'completed', NULL, NULL, 1000, 0.006009744000039063, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (28, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.745621+00', '2026-12-01 00:26:19.759743+00', 'completed', NULL, NULL, 1000, 0.0059284170000069025, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (30, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.760978+00', '2026-12-01 00:26:19.775128+00', 'completed', NULL, NULL, 1000, 0.00616255199997795, NULL, NULL, NULL, NULL);
INSERT INTO public.attempts VALUES (31, 1, 4, 1, 0, 1, 'host', 1, 'cpu', NULL, NULL, NULL, '2.8.0', '3.11.7', '0.1.0', 'abc', false, 'fp32', false, '2026-12-01 00:26:19.776396+00', '2026-12-01 00:26:19.793267+00', 'completed', NULL, NULL, 1000, 0.00704501400002755, NULL, NULL, NULL, NULL);

INSERT INTO public.configs VALUES (1, '491de037093eb7f4cc490180b45b52a2aaed0c5c8cbc8bf7a704259b68e7797b', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":0,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","scratch":true,"start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.003,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 3, 16, 'adam', 0.003, 0, 'fp32', 'filters', 'l2', 'smallest', 'conv1', true, 0, 0, 1, 0.5, 0.5, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (2, '5fd4d687f08c99fe5ca14accb132c2072a9a5612bf86d52e6fc58f675d30e2fe', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":1,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.002,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 3, 16, 'adam', 0.002, 0, 'fp32', 'filters', 'l2', 'smallest', 'conv1', false, 0, 1, 1, 0.25, 0.5, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (3, '7626b265da5985dabe9dc94e928fcd902cd4f6fec05bbbeded3f00b05721df7e', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.004,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 1, 16, 'adam', 0.004, 0, 'fp32', 'none', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (4, 'e74cc717036c3d9281f2d5961d9eaf75b1e94e9c7ef5e06c0ed226b823c315cd', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.001,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 3, 16, 'adam', 0.001, 0, 'fp32', 'none', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (5, '9cf1e434c554733e12c8e9a71bd9af0343572b12f7ed041b3e4270e27d83b430', '{"data":{"draw":0,"label_noise":0.25,"name":"digits","per_class":6,"validation":0.125},"measure":{"examples":{}},"model":{"name":"digits_cnn"},"pruning":{"fraction":0.5,"kind":"imp","levels":1,"rewind_epoch":1,"score":"magnitude","target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.1,"name":"sgd"}}}', 'digits', 6, false, 0.25, 'digits_cnn', 5, 16, 'sgd', 0.1, 0, 'fp32', 'imp', 'magnitude', 'smallest', NULL, false, NULL, NULL, NULL, 0.5, 0.5, NULL, 1, 1, 0.125, 1, 'learning_rate', 1, NULL, NULL);
INSERT INTO public.configs VALUES (6, '367ef00a8e18f9b24982bcc89ec7c906350d9c5144c4e09b213404eff3f2c391', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":1,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.008,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 3, 16, 'adam', 0.008, 0, 'fp32', 'filters', 'l2', 'smallest', 'conv1', false, 0, 1, 1, 0.25, 0.5, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (8, '588e1bbe5a05c37a611deac66f74b16e038008e4d06b6b1c48f0430449fc6f2e', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.3,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 1, 16, 'adam', 0.3, 0, 'fp32', 'none', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (9, '8d22ee87c0d41c78e967d60efc718d9809a739c7d62b4b8303d0bbaebcd1b35c', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.2,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 1, 16, 'adam', 0.2, 0, 'fp32', 'none', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.configs VALUES (10, 'fbddcbff3ccd9f3bf1babe0c67fc17b2d018caa7a031827f6c0bbaa5687b7ecb', '{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.1,"name":"adam"}}}', 'digits', 6, false, 0, 'digits_cnn', 1, 16, 'adam', 0.1, 0, 'fp32', 'none', NULL, NULL, NULL, false, NULL, NULL, NULL, NULL, NULL, NULL, 1, 1, 0, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.datasets VALUES (1, 'digits', 1437, 360, 10, 'd1', 'scikit-learn');

INSERT INTO public.eigenvalues VALUES (16, 1, '{}', 0, 4, 1e-05);
INSERT INTO public.eigenvalues VALUES (16, 1, '{}', 1, 1, 1e-05);
INSERT INTO public.eigenvalues VALUES (16, 1, '{}', 2, -0.5, 1e-05);
INSERT INTO public.eigenvalues VALUES (16, 2, '{}', 0, 4, 1e-05);
INSERT INTO public.eigenvalues VALUES (16, 2, '{}', 1, 1, 1e-05);
INSERT INTO public.eigenvalues VALUES (16, 2, '{}', 2, -0.5, 1e-05);

INSERT INTO public.epochs VALUES (1, 0, 0, 0.5, 0.5, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (1, 1, 0, 0.5, 0.75, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (1, 2, 0, 0.5, 1, 0.75, 0.625, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (12, 0, 0, 0.5, 0.5, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (12, 1, 0, 0.5, 0.75, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (12, 2, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (10, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (10, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (10, 2, 0, 0.5, 1, 0.75, 0.75, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (9, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (9, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (2, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (2, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (2, 2, 0, 0.5, 1, 0.75, 0.625, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (7, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (4, 0, 0, 0.5, 1, 0.75, 0.125, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (13, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (13, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (13, 2, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (13, 3, 1, 0.5, 1, 0.75, 0.625, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (13, 4, 1, 0.5, 1, 0.75, 0.625, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (14, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (14, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (14, 2, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (14, 3, 1, 0.5, 1, 0.75, 0.75, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (14, 4, 1, 0.5, 1, 0.75, 0.75, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (16, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (16, 1, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (16, 2, 0, 0.5, 1, 0.75, 0.75, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (17, 0, 0, 0.5, 1, 0.75, 0.25, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (26, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (20, 0, 0, 0.5, 1, 0.75, 0.51, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (24, 0, 0, 0.5, 1, 0.75, 0.52, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (21, 0, 0, 0.5, 1, 0.75, 0.55, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (23, 0, 0, 0.5, 1, 0.75, 0.5800000000000001, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (22, 0, 0, 0.5, 1, 0.75, 0.56, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (27, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (25, 0, 0, 0.5, 1, 0.75, 0.51, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (19, 0, 0, 0.5, 1, 0.75, 0.52, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (32, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (29, 0, 0, 0.5, 1, 0.75, 0.51, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (33, 0, 0, 0.5, 1, 0.75, 0.56, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (28, 0, 0, 0.5, 1, 0.75, 0.54, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (30, 0, 0, 0.5, 1, 0.75, 0.5, 0.001, NULL, 1000, 0.25, NULL, NULL);
INSERT INTO public.epochs VALUES (31, 0, 0, 0.5, 1, 0.75, 0.51, 0.001, NULL, 1000, 0.25, NULL, NULL);

INSERT INTO public.examples VALUES (16, -1, 5, '[3]', '[0, 4]', '[0.5, 0.25, 1.25, 0.75, 0.125]');

INSERT INTO public.flatness VALUES (16, 1, '{}', 512, 'lanczos', 3, 4.5, 4.5, 4.75, 2, 0.4444444444444444, 0.12, 0.115, 0.75, 250, 12.5);
INSERT INTO public.flatness VALUES (16, 2, '{}', 512, 'lanczos', 3, 4.5, 4.5, 4.75, 2, 0.4444444444444444, 0.12, 0.115, 0.75, 250, 12.5);

INSERT INTO public.group_losses VALUES (13, 0, 2, 1, 8, 0.25, 0, NULL, 0.25);
INSERT INTO public.group_losses VALUES (13, 0, 2, 2, 8, 0.75, 0, NULL, 0.75);
INSERT INTO public.group_losses VALUES (13, 1, 4, 1, 8, 0.5, 0, NULL, 0.5);
INSERT INTO public.group_losses VALUES (13, 1, 4, 2, 8, 2, 0, NULL, 2);
INSERT INTO public.group_losses VALUES (14, 0, 2, 1, 8, 0.25, 0, NULL, 0.25);
INSERT INTO public.group_losses VALUES (14, 0, 2, 2, 8, 0.75, 0, NULL, 0.75);
INSERT INTO public.group_losses VALUES (14, 1, 4, 1, 8, 0.5, 0, NULL, 0.5);
INSERT INTO public.group_losses VALUES (14, 1, 4, 2, 8, 2, 0, NULL, 2);
INSERT INTO public.group_losses VALUES (16, 0, 1, 1, 18, 0.0625, 0, NULL, 0.0625);
INSERT INTO public.group_losses VALUES (16, 0, 1, 2, 15, 0.125, 3, 0.5, 0.1875);
INSERT INTO public.group_losses VALUES (16, 0, 1, 3, 12, 0.75, 6, 1.5, NULL);

INSERT INTO public.kept_states VALUES (16, 1, 'other/3-1.pt', '1111111111111111111111111111111111111111111111111111111111111111', 'elsewhere');

INSERT INTO public.layer_prunings VALUES (10, 0, 'conv1', 8, 8, 7, 0.125, '[0]');
INSERT INTO public.layer_prunings VALUES (10, 0, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (10, 1, 'conv1', 8, 8, 6, 0.125, '[0, 1]');
INSERT INTO public.layer_prunings VALUES (10, 1, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (9, 0, 'conv1', 8, 8, 7, 0.125, '[0]');
INSERT INTO public.layer_prunings VALUES (9, 0, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (2, -1, 'conv1', 8, 8, 5, 0.125, '[0, 1, 2]');
INSERT INTO public.layer_prunings VALUES (2, -1, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (13, 2, 'conv1', 8, 8, 7, 0.125, '[0]');
INSERT INTO public.layer_prunings VALUES (13, 2, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (14, 2, 'conv1', 8, 8, 7, 0.125, '[0]');
INSERT INTO public.layer_prunings VALUES (14, 2, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (16, 0, 'conv1', 8, 8, 7, 0.125, '[0]');
INSERT INTO public.layer_prunings VALUES (16, 0, 'fc1', 256, 256, 256, NULL, NULL);
INSERT INTO public.layer_prunings VALUES (16, 1, 'conv1', 8, 8, 6, 0.125, '[0, 1]');
INSERT INTO public.layer_prunings VALUES (16, 1, 'fc1', 256, 256, 256, NULL, NULL);

INSERT INTO public.levels VALUES (13, 0, 2, 1024, 1024, 1, 0.5, 64, 1, 0.5, 1, 1, 64, 0.5, 1, 64, 1.5, 0.5);
INSERT INTO public.levels VALUES (13, 1, 4, 1024, 512, 1, 0.625, 64, 1, 0.625, 0.5, 1, 64, 0.5, 1, 0, NULL, NULL);
INSERT INTO public.levels VALUES (14, 0, 2, 1024, 1024, 1, 0.5, 64, 1, 0.5, 1, 1, 64, 0.5, 1, 64, 1.5, 0.5);
INSERT INTO public.levels VALUES (14, 1, 4, 1024, 512, 1, 0.75, 64, 1, 0.625, 0.5, 1, 64, 0.5, 1, 0, NULL, NULL);
INSERT INTO public.levels VALUES (16, 0, 1, 1000, 800, 1.5, 0.5, 6, 1.25, 0.75, 0.375, 0.875, 45, 0.25, 0.9375, 9, 1, 0.5);

INSERT INTO public.looks VALUES (4, 1, 3, 3, 0.05333333333333338, -0.0015439793322684081, 0.10821064599893516, 0.026271008879704696, 0.02486743135240241, 'continue', '2026-12-01 00:26:19.674491+00');
INSERT INTO public.looks VALUES (4, 2, 5, 5, 0.050000000000000044, 0.023189195098758036, 0.07681080490124205, 0.00211064584509127, 0.019241990267576375, 'reject', '2026-12-01 00:26:19.799117+00');

INSERT INTO public.normality VALUES (16, 1, '{}', 'norm1', 'batch', 2048, 0, 1, 0.5, 0.03, '[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]');
INSERT INTO public.normality VALUES (16, 2, '{}', 'norm1', 'batch', 2048, 0, 1, 0.5, 0.03, '[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]');

INSERT INTO public.notes VALUES (1, 8, NULL, 'it''s 3 > 2; :x naïve — ✓', '2026-12-01 00:26:19.474584+00');
INSERT INTO public.notes VALUES (2, NULL, 3, 'two
lines', '2026-12-01 00:26:19.476699+00');

INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.12, 0.0144);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.11, 0.0121);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.1, 0.010000000000000002);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.09, 0.0081);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.08, 0.0064);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.07, 0.004900000000000001);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.06, 0.0036);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.05, 0.0025000000000000005);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.04, 0.0016);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.03, 0.0009);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.02, 0.0004);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, -0.01, 0.0001);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0, 0);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.01, 0.0001);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.02, 0.0004);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.03, 0.0009);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.04, 0.0016);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.05, 0.0025000000000000005);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.06, 0.0036);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.07, 0.004900000000000001);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.08, 0.0064);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.09, 0.0081);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.1, 0.010000000000000002);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.11, 0.0121);
INSERT INTO public.perturbation_losses VALUES (16, 1, '{}', 0, 0.12, 0.0144);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.12, 0.0144);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.11, 0.0121);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.1, 0.010000000000000002);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.09, 0.0081);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.08, 0.0064);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.07, 0.004900000000000001);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.06, 0.0036);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.05, 0.0025000000000000005);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.04, 0.0016);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.03, 0.0009);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.02, 0.0004);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, -0.01, 0.0001);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0, 0);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.01, 0.0001);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.02, 0.0004);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.03, 0.0009);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.04, 0.0016);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.05, 0.0025000000000000005);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.06, 0.0036);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.07, 0.004900000000000001);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.08, 0.0064);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.09, 0.0081);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.1, 0.010000000000000002);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.11, 0.0121);
INSERT INTO public.perturbation_losses VALUES (16, 2, '{}', 0, 0.12, 0.0144);

INSERT INTO public.probes VALUES (16, 1, 'pruned', 0.25, 1.5, 360);
INSERT INTO public.probes VALUES (16, 2, 'pruned', 0.25, 1.5, 360);

INSERT INTO public.pruning_events VALUES (10, 0, 'filters', 0.25, 0.125, 1, 2, 360, 1, 0.125, 'mask0', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (10, 1, 'filters', 0.5, 0.25, 1, 2, 360, 2, 0.125, 'mask1', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (9, 0, 'filters', 0.25, 0.0625, 1, 2, 360, 1, 0.125, 'mask0', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (2, -1, 'filters', 0.125, 0.0625, 1, 2, 360, 3, 0.125, 'mask-1', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (13, 2, 'weights', 0.5, 0.25, 1, 2, 360, 1, 0.125, 'mask2', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (14, 2, 'weights', 0.5, 0.25, 1, 2, 360, 1, 0.125, 'mask2', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (16, 0, 'filters', 0.25, 0.125, 1, 2, 360, 1, 0.125, 'mask0', DEFAULT, DEFAULT, NULL, NULL, NULL);
INSERT INTO public.pruning_events VALUES (16, 1, 'filters', 0.5, 0.25, 1, 2, 360, 2, 0.125, 'mask1', DEFAULT, DEFAULT, NULL, NULL, NULL);

INSERT INTO public.run_tags VALUES (8, 'paper');
INSERT INTO public.run_tags VALUES (8, 'rerun:1');
INSERT INTO public.run_tags VALUES (16, 'paper');
INSERT INTO public.run_tags VALUES (16, 'rerun:1');

INSERT INTO public.runs VALUES (3, '0f3d42232cc2940d8af1bf488aadf2834c3de60d4cc4802226c836527c60eba1', 3, 2, 'pending', NULL, 0, 0, NULL, NULL, NULL, NULL, 0, '2026-12-01 00:26:19.088358+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (5, '43472ba31230d5ffa5a1c945b4d24898fe273f5bac0b7c6c16c4a594685daf98', 4, 2, 'pending', NULL, 0, 0, NULL, NULL, NULL, NULL, 0, '2026-12-01 00:26:19.088358+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (6, '54861f2cf892fe13966161dc9a233010f2bd9c2a6fbde62fb5ce1028b2d95a1f', 1, 2, 'pending', NULL, 0, 0, NULL, NULL, NULL, NULL, 0, '2026-12-01 00:26:19.088358+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (11, 'a71789c5affc41948f3af74c579b7f0ec16d6cfcef6b991491b5f5073fea27fb', 2, 2, 'pending', NULL, 0, 0, NULL, NULL, NULL, NULL, 0, '2026-12-01 00:26:19.088358+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (31, 'cbfa918078b0bcba27a8424b168c9fb5cbaa0b4526bac84ec73971daa13f46fa', 8, 4, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.776396+00', '2026-12-01 00:26:19.79202+00', '2026-12-01 00:26:19.792021+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (7, '5f790245c388568ee1e93f88fe00d2bba02ac46b02214e74604c3ace297d263d', 1, 1, 'running', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.252625+00', '2026-12-01 00:26:19.272195+00', NULL, 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (25, '78ef54784403a0d539fe155943aab9ac2d3d62a7173a686a731613e9d79a8102', 8, 1, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.633912+00', '2026-12-01 00:26:19.647801+00', '2026-12-01 00:26:19.647801+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (26, '7fa45106da5a0857c47855057a38dad1b798145052cb2c61a39446a2dacf1359', 10, 0, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.503642+00', '2026-12-01 00:26:19.520035+00', '2026-12-01 00:26:19.520035+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (1, '036d19ddc54abf60fad15962880902ac43f3ef3706fd624de743c67e5da03728', 4, 0, 'completed', NULL, 1, 0, 2, 2, NULL, NULL, 0.75, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.114757+00', '2026-12-01 00:26:19.155503+00', '2026-12-01 00:26:19.155504+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (4, '33251291621ad550d58d2564a402425261aa757b449767567840dee5187e6bf7', 3, 0, 'diverged', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.273862+00', '2026-12-01 00:26:19.288798+00', '2026-12-01 00:26:19.288798+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (23, '61c5349362f264931318f313bd8c6b9586839c63ba385a0e3b030cb941168e9e', 9, 1, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.586196+00', '2026-12-01 00:26:19.599325+00', '2026-12-01 00:26:19.599325+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (32, 'd3ffca17b7ee76247bb24839b4731d43e0ab87dd30a81e7927b112a614dd50be', 10, 3, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.695983+00', '2026-12-01 00:26:19.710714+00', '2026-12-01 00:26:19.710714+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (12, 'fd009f45f712c61f93d4a2756eef884f140346cc6b31ed242f8db10513e23d83', 4, 1, 'completed', NULL, 1, 0, 2, 2, NULL, NULL, 0.75, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.158801+00', '2026-12-01 00:26:19.179274+00', '2026-12-01 00:26:19.179274+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (16, '3e7b0c5b056f4432ea7298c660accf408164772b409969c4ff8acd6e8e924a28', 6, 0, 'completed', NULL, 3, 0, 2, 2, NULL, NULL, 0.75, '2026-12-01 00:26:19.352496+00', '2026-12-01 00:26:19.365247+00', '2026-12-01 00:26:19.437924+00', '2026-12-01 00:26:19.437925+00', 3, 1, NULL, NULL, NULL, NULL, 'elsewhere', NULL);
INSERT INTO public.runs VALUES (20, '093822cda50592a85e3da2e030d82fda737df4804ac045342f09de2eb532d38b', 10, 1, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.522924+00', '2026-12-01 00:26:19.539724+00', '2026-12-01 00:26:19.539724+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (19, '083d58036d0b2a40ca00d294b6053aebdbe8dfffd623358b0cd2fd38fcf29954', 8, 2, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.649752+00', '2026-12-01 00:26:19.663324+00', '2026-12-01 00:26:19.663324+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (17, 'ef985ed4a6b92e546f07d7c0b5e2a311799d38b031db2a36dc0ffe96d74dc215', 6, 1, 'failed', 'RuntimeError: broken', 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.352496+00', '2026-12-01 00:26:19.444056+00', '2026-12-01 00:26:19.459318+00', '2026-12-01 00:26:19.459318+00', 3, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (10, '93c887867d37cdf8910ec3b4a9eaa07f517124bd9dab85378436987deb0bfc57', 2, 0, 'completed', NULL, 1, 0, 2, 2, NULL, NULL, 0.75, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.181778+00', '2026-12-01 00:26:19.204899+00', '2026-12-01 00:26:19.204899+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (13, 'ce82ee72b0fcb3e3e5884315c24afa3ac62fbeb653c5c16e5eee093d3dc1769a', 5, 0, 'completed', NULL, 1, 0, 4, 4, NULL, NULL, 1.25, '2026-12-01 00:26:19.2918+00', '2026-12-01 00:26:19.303437+00', '2026-12-01 00:26:19.325575+00', '2026-12-01 00:26:19.325575+00', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (8, '8d38d3029e02d43eef3e9a73b5c6f2f51154ef7fb624cff59bf3da64956c2cfe', 3, 1, 'cancelled', 'cancelled while pending', 0, 0, NULL, NULL, NULL, NULL, 0, '2026-12-01 00:26:19.088358+00', NULL, NULL, '2026-12-01 00:26:19.461545+00', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (9, '91e7a3e9382f0efb093d442e77bee8a7795af094ec112dab609565e08908ff71', 2, 1, 'interrupted', NULL, 1, 0, 1, 1, NULL, NULL, 0.5, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.207439+00', '2026-12-01 00:26:19.227498+00', '2026-12-01 00:26:19.227498+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (14, 'e2eda9fc43ddfd7b8b54a8f90514d2e2aa15904fe3d9a801486a5fe9a4ac220a', 5, 1, 'completed', NULL, 1, 0, 4, 4, NULL, NULL, 1.25, '2026-12-01 00:26:19.2918+00', '2026-12-01 00:26:19.327885+00', '2026-12-01 00:26:19.348931+00', '2026-12-01 00:26:19.348931+00', 2, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (2, '0c4b60a0e1ef1d22561eabefa30515b91438f8351c30ac3a6ceb459ca600f508', 1, 0, 'completed', NULL, 1, 0, 2, 2, NULL, NULL, 0.75, '2026-12-01 00:26:19.088358+00', '2026-12-01 00:26:19.230158+00', '2026-12-01 00:26:19.250042+00', '2026-12-01 00:26:19.250042+00', 1, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (22, '34518cabed28c375d0f989ad1e4a84c72289eae2c922a44d8c3df4fdb2486e02', 9, 2, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.601263+00', '2026-12-01 00:26:19.615555+00', '2026-12-01 00:26:19.615555+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (24, '67ea68318af49decad9ca7e3a4790000845b0d38952a29ee3005323dd71a5aca', 10, 2, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.543548+00', '2026-12-01 00:26:19.56484+00', '2026-12-01 00:26:19.56484+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (27, '843f4db1b5cc3db91993d2fc4e1bb20cdab3cbf112723bfaba1e30ea24c8ae13', 8, 0, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.617418+00', '2026-12-01 00:26:19.631879+00', '2026-12-01 00:26:19.631879+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (21, '345075e1497035dc900d73cfe522ddba2810b8f6756caeee15a3d19126655a21', 9, 0, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.479295+00', '2026-12-01 00:26:19.568019+00', '2026-12-01 00:26:19.584293+00', '2026-12-01 00:26:19.584293+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (33, 'e5d61d9aae3f9f57b725948b4d630efe2b052fb655ae51f757a1165c9cc18299', 9, 3, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.728743+00', '2026-12-01 00:26:19.74367+00', '2026-12-01 00:26:19.743671+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (30, 'c93837dad1c38330d42fc7c7fde3d6796889035406f198e9732f5fb6d2003c2b', 8, 3, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.760978+00', '2026-12-01 00:26:19.774383+00', '2026-12-01 00:26:19.774383+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (29, '7a8a104730e98380e097f46917b73c998ef3192abfc327b328df8986b5681628', 10, 4, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.71265+00', '2026-12-01 00:26:19.726807+00', '2026-12-01 00:26:19.726807+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO public.runs VALUES (28, '13343b76d02e0530836d0fcfecc8f9dbc8f2840240d2ca47d35b0d74e9987863', 9, 4, 'completed', NULL, 1, 0, 0, 0, NULL, NULL, 0.25, '2026-12-01 00:26:19.674491+00', '2026-12-01 00:26:19.745621+00', '2026-12-01 00:26:19.759001+00', '2026-12-01 00:26:19.759001+00', 4, 1, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO public.sweep_runs VALUES (1, 1, 'No Pruning', 0, NULL);
INSERT INTO public.sweep_runs VALUES (1, 12, 'No Pruning', 1, NULL);
INSERT INTO public.sweep_runs VALUES (1, 5, 'No Pruning', 2, NULL);
INSERT INTO public.sweep_runs VALUES (1, 10, 'PruneL', 3, NULL);
INSERT INTO public.sweep_runs VALUES (1, 9, 'PruneL', 4, NULL);
INSERT INTO public.sweep_runs VALUES (1, 11, 'PruneL', 5, NULL);
INSERT INTO public.sweep_runs VALUES (1, 2, 'scratch', 6, NULL);
INSERT INTO public.sweep_runs VALUES (1, 7, 'scratch', 7, NULL);
INSERT INTO public.sweep_runs VALUES (1, 6, 'scratch', 8, NULL);
INSERT INTO public.sweep_runs VALUES (1, 4, 'wild', 9, NULL);
INSERT INTO public.sweep_runs VALUES (1, 8, 'wild', 10, NULL);
INSERT INTO public.sweep_runs VALUES (1, 3, 'wild', 11, NULL);
INSERT INTO public.sweep_runs VALUES (2, 13, 'IMP', 0, NULL);
INSERT INTO public.sweep_runs VALUES (2, 14, 'IMP', 1, NULL);
INSERT INTO public.sweep_runs VALUES (3, 1, 'unpruned', 0, NULL);
INSERT INTO public.sweep_runs VALUES (3, 12, 'unpruned', 1, NULL);
INSERT INTO public.sweep_runs VALUES (3, 16, 'other', 2, NULL);
INSERT INTO public.sweep_runs VALUES (3, 17, 'other', 3, NULL);
INSERT INTO public.sweep_runs VALUES (4, 26, 'A', 0, NULL);
INSERT INTO public.sweep_runs VALUES (4, 20, 'A', 1, NULL);
INSERT INTO public.sweep_runs VALUES (4, 24, 'A', 2, NULL);
INSERT INTO public.sweep_runs VALUES (4, 21, 'B', 8, NULL);
INSERT INTO public.sweep_runs VALUES (4, 23, 'B', 9, NULL);
INSERT INTO public.sweep_runs VALUES (4, 22, 'B', 10, NULL);
INSERT INTO public.sweep_runs VALUES (4, 27, 'C', 16, NULL);
INSERT INTO public.sweep_runs VALUES (4, 25, 'C', 17, NULL);
INSERT INTO public.sweep_runs VALUES (4, 19, 'C', 18, NULL);
INSERT INTO public.sweep_runs VALUES (4, 32, 'A', 3, NULL);
INSERT INTO public.sweep_runs VALUES (4, 29, 'A', 4, NULL);
INSERT INTO public.sweep_runs VALUES (4, 33, 'B', 11, NULL);
INSERT INTO public.sweep_runs VALUES (4, 28, 'B', 12, NULL);
INSERT INTO public.sweep_runs VALUES (4, 30, 'C', 19, NULL);
INSERT INTO public.sweep_runs VALUES (4, 31, 'C', 20, NULL);

INSERT INTO public.sweeps VALUES (1, 'digits', '4630b3df4b912f4a718210d3b1e6b35cac7ca30abc6b68c3ea324e3b3669b948', 'By hand', '', 'title: By hand
', '["tradeoff"]', 1, '2026-12-01 00:26:19.088358+00', NULL, '');
INSERT INTO public.sweeps VALUES (2, 'levels', 'b9bd216c051f6b95230480036f796080f1114bc19323087264d51d852445edde', 'By hand', '', 'title: By hand
', '["tradeoff"]', 1, '2026-12-01 00:26:19.2918+00', NULL, '');
INSERT INTO public.sweeps VALUES (3, 'again', '7af7afbe421bdb9ba5db6322abe35a1ac8ee33685fa1f3482f1e092200e83888', 'By hand', '', 'title: By hand
', '["tradeoff"]', 1, '2026-12-01 00:26:19.352496+00', NULL, '');
INSERT INTO public.sweeps VALUES (4, 'designed', '81b882af01f4f6d06f722309e12bcc7ecd61276ed6abf6b00dbafb4da08f8a26', 'By hand', '', 'title: By hand
', '["tradeoff"]', 1, '2026-12-01 00:26:19.479295+00', '{"looks": [3, 5, 8], "start": 0, "question": {"difference": ["B", "A"], "of": "final_test_accuracy"}, "alpha": 0.05, "spending": "pocock", "futility": false, "width": null}', '');

INSERT INTO public.system_samples VALUES (16, 3, 0, 0, 1.5, 1.25, 2147483648, 0.75, 8589934592, 312.5);
INSERT INTO public.system_samples VALUES (16, 3, 1, 2, 3, 1, NULL, NULL, NULL, NULL);
INSERT INTO public.system_samples VALUES (16, 3, 2, 3, 4, 1.5, NULL, NULL, NULL, NULL);

SELECT pg_catalog.setval('public.configs_config_id_seq', 10, true);

SELECT pg_catalog.setval('public.datasets_dataset_id_seq', 25, true);

SELECT pg_catalog.setval('public.notes_note_id_seq', 2, true);

SELECT pg_catalog.setval('public.runs_run_id_seq', 33, true);

SELECT pg_catalog.setval('public.sweeps_sweep_id_seq', 4, true);

ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT pk_attempts PRIMARY KEY (run_id, attempt);

ALTER TABLE ONLY public.configs
    ADD CONSTRAINT pk_configs PRIMARY KEY (config_id);

ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT pk_datasets PRIMARY KEY (dataset_id);

ALTER TABLE ONLY public.eigenvalues
    ADD CONSTRAINT pk_eigenvalues PRIMARY KEY (run_id, epoch, settings, rank);

ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT pk_epochs PRIMARY KEY (run_id, epoch);

ALTER TABLE ONLY public.examples
    ADD CONSTRAINT pk_examples PRIMARY KEY (run_id, epoch);

ALTER TABLE ONLY public.flatness
    ADD CONSTRAINT pk_flatness PRIMARY KEY (run_id, epoch, settings);

ALTER TABLE ONLY public.group_losses
    ADD CONSTRAINT pk_group_losses PRIMARY KEY (run_id, level, bin);

ALTER TABLE ONLY public.kept_states
    ADD CONSTRAINT pk_kept_states PRIMARY KEY (run_id, epoch);

ALTER TABLE ONLY public.layer_prunings
    ADD CONSTRAINT pk_layer_prunings PRIMARY KEY (run_id, epoch, layer);

ALTER TABLE ONLY public.levels
    ADD CONSTRAINT pk_levels PRIMARY KEY (run_id, level);

ALTER TABLE ONLY public.looks
    ADD CONSTRAINT pk_looks PRIMARY KEY (sweep_id, look);

ALTER TABLE ONLY public.normality
    ADD CONSTRAINT pk_normality PRIMARY KEY (run_id, epoch, settings, layer, statistics);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT pk_notes PRIMARY KEY (note_id);

ALTER TABLE ONLY public.perturbation_losses
    ADD CONSTRAINT pk_perturbation_losses PRIMARY KEY (run_id, epoch, settings, rank, epsilon);

ALTER TABLE ONLY public.probes
    ADD CONSTRAINT pk_probes PRIMARY KEY (run_id, epoch, name);

ALTER TABLE ONLY public.pruning_events
    ADD CONSTRAINT pk_pruning_events PRIMARY KEY (run_id, epoch);

ALTER TABLE ONLY public.run_tags
    ADD CONSTRAINT pk_run_tags PRIMARY KEY (run_id, tag);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT pk_runs PRIMARY KEY (run_id);

ALTER TABLE ONLY public.sweep_runs
    ADD CONSTRAINT pk_sweep_runs PRIMARY KEY (sweep_id, "position");

ALTER TABLE ONLY public.sweeps
    ADD CONSTRAINT pk_sweeps PRIMARY KEY (sweep_id);

ALTER TABLE ONLY public.system_samples
    ADD CONSTRAINT pk_system_samples PRIMARY KEY (run_id, attempt, sample);

ALTER TABLE ONLY public.configs
    ADD CONSTRAINT uq_configs_hash UNIQUE (hash);

ALTER TABLE ONLY public.datasets
    ADD CONSTRAINT uq_datasets_name_content_hash UNIQUE (name, content_hash);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT uq_runs_config_id_seed UNIQUE (config_id, seed);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT uq_runs_key UNIQUE (key);

ALTER TABLE ONLY public.sweep_runs
    ADD CONSTRAINT uq_sweep_runs_sweep_id_run_id_arm UNIQUE (sweep_id, run_id, arm);

ALTER TABLE ONLY public.sweeps
    ADD CONSTRAINT uq_sweeps_name_digest UNIQUE (name, digest);

CREATE INDEX ix_notes_run_id ON public.notes USING btree (run_id);

CREATE INDEX ix_notes_sweep_id ON public.notes USING btree (sweep_id);

CREATE INDEX ix_run_tags_tag ON public.run_tags USING btree (tag);

CREATE INDEX ix_sweep_runs_run_id ON public.sweep_runs USING btree (run_id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT fk_attempts_dataset_id FOREIGN KEY (dataset_id) REFERENCES public.datasets(dataset_id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT fk_attempts_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT fk_attempts_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.sweeps(sweep_id);

ALTER TABLE ONLY public.eigenvalues
    ADD CONSTRAINT fk_eigenvalues_run_id_epoch_settings FOREIGN KEY (run_id, epoch, settings) REFERENCES public.flatness(run_id, epoch, settings);

ALTER TABLE ONLY public.epochs
    ADD CONSTRAINT fk_epochs_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.examples
    ADD CONSTRAINT fk_examples_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.flatness
    ADD CONSTRAINT fk_flatness_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.group_losses
    ADD CONSTRAINT fk_group_losses_run_id_level FOREIGN KEY (run_id, level) REFERENCES public.levels(run_id, level);

ALTER TABLE ONLY public.kept_states
    ADD CONSTRAINT fk_kept_states_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.layer_prunings
    ADD CONSTRAINT fk_layer_prunings_run_id_epoch FOREIGN KEY (run_id, epoch) REFERENCES public.pruning_events(run_id, epoch);

ALTER TABLE ONLY public.levels
    ADD CONSTRAINT fk_levels_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.looks
    ADD CONSTRAINT fk_looks_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.sweeps(sweep_id);

ALTER TABLE ONLY public.normality
    ADD CONSTRAINT fk_normality_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT fk_notes_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT fk_notes_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.sweeps(sweep_id);

ALTER TABLE ONLY public.perturbation_losses
    ADD CONSTRAINT fk_perturbation_losses_run_id_epoch_settings FOREIGN KEY (run_id, epoch, settings) REFERENCES public.flatness(run_id, epoch, settings);

ALTER TABLE ONLY public.probes
    ADD CONSTRAINT fk_probes_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.pruning_events
    ADD CONSTRAINT fk_pruning_events_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.run_tags
    ADD CONSTRAINT fk_run_tags_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT fk_runs_config_id FOREIGN KEY (config_id) REFERENCES public.configs(config_id);

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT fk_runs_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.sweeps(sweep_id);

ALTER TABLE ONLY public.sweep_runs
    ADD CONSTRAINT fk_sweep_runs_run_id FOREIGN KEY (run_id) REFERENCES public.runs(run_id);

ALTER TABLE ONLY public.sweep_runs
    ADD CONSTRAINT fk_sweep_runs_sweep_id FOREIGN KEY (sweep_id) REFERENCES public.sweeps(sweep_id);

ALTER TABLE ONLY public.system_samples
    ADD CONSTRAINT fk_system_samples_run_id_attempt FOREIGN KEY (run_id, attempt) REFERENCES public.attempts(run_id, attempt);
