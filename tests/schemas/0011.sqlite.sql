BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0011');
CREATE TABLE "attempts" (
	run_id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	sweep_id INTEGER NOT NULL, 
	driver_epoch INTEGER NOT NULL, 
	first_epoch INTEGER NOT NULL, 
	dataset_id INTEGER, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	device TEXT NOT NULL, 
	gpu TEXT, 
	gpu_driver TEXT, 
	cuda TEXT, 
	torch TEXT NOT NULL, 
	python TEXT NOT NULL, 
	gst TEXT NOT NULL, 
	git_commit TEXT, 
	git_dirty BOOLEAN, 
	precision TEXT NOT NULL, 
	deterministic BOOLEAN NOT NULL, 
	started DATETIME NOT NULL, 
	ended DATETIME, 
	outcome TEXT, 
	traceback TEXT, 
	log_tail TEXT, 
	peak_memory BIGINT, 
	seconds DOUBLE, 
	cpus DOUBLE, 
	gpus DOUBLE, 
	fallback TEXT, 
	numerics INTEGER, 
	CONSTRAINT pk_attempts PRIMARY KEY (run_id, attempt), 
	CONSTRAINT fk_attempts_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id), 
	CONSTRAINT fk_attempts_dataset_id FOREIGN KEY(dataset_id) REFERENCES datasets (dataset_id), 
	CONSTRAINT fk_attempts_sweep_id FOREIGN KEY(sweep_id) REFERENCES sweeps (sweep_id), 
	CONSTRAINT ck_attempts_outcome CHECK (outcome IN ('completed', 'failed', 'interrupted', 'diverged', 'lost', 'cancelled')), 
	CONSTRAINT ck_attempts_ended CHECK ((ended IS NULL) = (outcome IS NULL))
);
INSERT INTO "attempts" VALUES(1,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.621000','2026-12-01 00:26:17.726000','completed',NULL,NULL,1000,1.4134628999954657047e-02,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(12,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.727000','2026-12-01 00:26:17.737000','completed',NULL,NULL,1000,4.1329360000190717983e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(10,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.738000','2026-12-01 00:26:17.751000','completed',NULL,NULL,1000,6.68488900004149400047e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(9,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.752000','2026-12-01 00:26:17.763000','interrupted',NULL,NULL,NULL,5.41293700001688193879e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(2,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.764000','2026-12-01 00:26:17.774000','completed',NULL,NULL,1000,3.97454999995261459844e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(7,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.775000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(4,1,1,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.784000','2026-12-01 00:26:17.792000','diverged',NULL,NULL,NULL,3.38365899995096697239e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(13,1,2,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.801000','2026-12-01 00:26:17.814000','completed',NULL,NULL,1000,7.60551199999781601945e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(14,1,2,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.815000','2026-12-01 00:26:17.825000','completed',NULL,NULL,1000,4.85686899997972432174e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(15,1,3,1,0,NULL,'node7',4242,'cuda','NVIDIA H200','570.86.15','12.8','2.8.0','3.11.7','0.1.0','abc',1,'fp32',0,'2026-12-01 00:26:17.834000','2026-12-01 00:26:17.841000','failed','Traceback (most recent call last):
  File "gst/training/train.py", line 93, in train
    loss = criterion(network(images), labels)
RuntimeError: it''s 3 > 2; {":x": "naïve — ✓"} \ 100%
','last line
but one',NULL,7.15775000003304739948e-04,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(15,2,3,1,0,NULL,'node7',4242,'cuda','NVIDIA H200','570.86.15','12.8','2.8.0','3.11.7','0.1.0','abc',1,'fp32',0,'2026-12-01 00:26:17.845000','2026-12-01 00:26:17.853000','lost',NULL,NULL,NULL,0.008,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(15,3,3,1,1,NULL,'node7',4242,'cuda','NVIDIA H200','570.86.15','12.8','2.8.0','3.11.7','0.1.0','abc',1,'fp32',0,'2026-12-01 00:26:17.854000','2026-12-01 00:26:17.875000','completed',NULL,NULL,8589934592,7.50133399998276217957e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(16,1,3,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.879000','2026-12-01 00:26:17.888000','failed','Traceback (most recent call last):
  ...
RuntimeError: broken','last line',NULL,3.5574159999782750674e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(24,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.915000','2026-12-01 00:26:17.926000','completed',NULL,NULL,1000,4.21017600001505343243e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(18,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.927000','2026-12-01 00:26:17.937000','completed',NULL,NULL,1000,3.80050200004689031629e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(22,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.938000','2026-12-01 00:26:17.948000','completed',NULL,NULL,1000,3.76843199995846589445e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(19,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.949000','2026-12-01 00:26:17.959000','completed',NULL,NULL,1000,3.74015099998814548598e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(21,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.960000','2026-12-01 00:26:17.970000','completed',NULL,NULL,1000,3.76851499999020234099e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(20,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.971000','2026-12-01 00:26:17.981000','completed',NULL,NULL,1000,3.71035100005201456951e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(25,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.982000','2026-12-01 00:26:17.992000','completed',NULL,NULL,1000,3.69976900003621267387e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(23,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:17.993000','2026-12-01 00:26:18.003000','completed',NULL,NULL,1000,3.82716999996546292095e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(17,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.004000','2026-12-01 00:26:18.014000','completed',NULL,NULL,1000,3.79848100004664956941e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(30,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.536000','2026-12-01 00:26:18.543000','completed',NULL,NULL,1000,2.73184200000287091825e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(27,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.544000','2026-12-01 00:26:18.551000','completed',NULL,NULL,1000,3.33654100001012920984e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(31,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.552000','2026-12-01 00:26:18.562000','completed',NULL,NULL,1000,3.72389000000339365215e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(26,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.563000','2026-12-01 00:26:18.573000','completed',NULL,NULL,1000,3.51570499998388186213e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(28,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.574000','2026-12-01 00:26:18.583000','completed',NULL,NULL,1000,3.51659799997605659882e-03,NULL,NULL,NULL,NULL);
INSERT INTO "attempts" VALUES(29,1,4,1,0,1,'host',1,'cpu',NULL,NULL,NULL,'2.8.0','3.11.7','0.1.0','abc',0,'fp32',0,'2026-12-01 00:26:18.584000','2026-12-01 00:26:18.594000','completed',NULL,NULL,1000,3.4778219999793691386e-03,NULL,NULL,NULL,NULL);
CREATE TABLE "configs" (
	config_id INTEGER NOT NULL, 
	hash TEXT NOT NULL, 
	config TEXT NOT NULL, 
	dataset TEXT NOT NULL, 
	train_per_class INTEGER, 
	augment BOOLEAN NOT NULL, 
	label_noise DOUBLE NOT NULL, 
	model TEXT NOT NULL, 
	epochs INTEGER NOT NULL, 
	batch_size INTEGER NOT NULL, 
	optimizer TEXT NOT NULL, 
	lr DOUBLE NOT NULL, 
	weight_decay DOUBLE NOT NULL, 
	precision TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	score TEXT, 
	target TEXT, 
	layers TEXT, 
	scratch BOOLEAN NOT NULL, 
	prune_start INTEGER, 
	prune_end INTEGER, 
	retrain_period INTEGER, 
	iterative_rate DOUBLE, 
	total_fraction DOUBLE, 
	train_batches INTEGER, 
	scale DOUBLE NOT NULL, 
	width DOUBLE NOT NULL, 
	validation DOUBLE NOT NULL, 
	levels INTEGER, 
	rewind TEXT, 
	rewind_epoch INTEGER, 
	el2n_networks INTEGER, 
	el2n_epochs INTEGER, 
	CONSTRAINT pk_configs PRIMARY KEY (config_id), 
	CONSTRAINT uq_configs_hash UNIQUE (hash)
);
INSERT INTO "configs" VALUES(1,'491de037093eb7f4cc490180b45b52a2aaed0c5c8cbc8bf7a704259b68e7797b','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":0,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","scratch":true,"start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.003,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',3,16,'adam',0.003,0.0,'fp32','filters','l2','smallest','conv1',1,0,0,1,0.5,0.5,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(2,'5fd4d687f08c99fe5ca14accb132c2072a9a5612bf86d52e6fc58f675d30e2fe','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":1,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.002,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',3,16,'adam',0.002,0.0,'fp32','filters','l2','smallest','conv1',0,0,1,1,0.25,0.5,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(3,'7626b265da5985dabe9dc94e928fcd902cd4f6fec05bbbeded3f00b05721df7e','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.004,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',1,16,'adam',0.004,0.0,'fp32','none',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(4,'e74cc717036c3d9281f2d5961d9eaf75b1e94e9c7ef5e06c0ed226b823c315cd','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.001,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',3,16,'adam',0.001,0.0,'fp32','none',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(5,'9cf1e434c554733e12c8e9a71bd9af0343572b12f7ed041b3e4270e27d83b430','{"data":{"draw":0,"label_noise":0.25,"name":"digits","per_class":6,"validation":0.125},"measure":{"examples":{}},"model":{"name":"digits_cnn"},"pruning":{"fraction":0.5,"kind":"imp","levels":1,"rewind_epoch":1,"score":"magnitude","target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.1,"name":"sgd"}}}','digits',6,0,0.25,'digits_cnn',5,16,'sgd',0.1,0.0,'fp32','imp','magnitude','smallest',NULL,0,NULL,NULL,NULL,0.5,0.5,NULL,1.0,1.0,0.125,1,'learning_rate',1,NULL,NULL);
INSERT INTO "configs" VALUES(6,'367ef00a8e18f9b24982bcc89ec7c906350d9c5144c4e09b213404eff3f2c391','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"end":1,"every":1,"fraction":0.5,"kind":"filters","layers":["conv1"],"score":"l2","start":0,"target":"smallest"},"training":{"batch_size":16,"epochs":3,"optimizer":{"lr":0.008,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',3,16,'adam',0.008,0.0,'fp32','filters','l2','smallest','conv1',0,0,1,1,0.25,0.5,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(7,'588e1bbe5a05c37a611deac66f74b16e038008e4d06b6b1c48f0430449fc6f2e','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.3,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',1,16,'adam',0.3,0.0,'fp32','none',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(8,'8d22ee87c0d41c78e967d60efc718d9809a739c7d62b4b8303d0bbaebcd1b35c','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.2,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',1,16,'adam',0.2,0.0,'fp32','none',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "configs" VALUES(9,'fbddcbff3ccd9f3bf1babe0c67fc17b2d018caa7a031827f6c0bbaa5687b7ecb','{"data":{"draw":0,"name":"digits","per_class":6},"model":{"name":"digits_cnn"},"pruning":{"kind":"none"},"training":{"batch_size":16,"epochs":1,"optimizer":{"lr":0.1,"name":"adam"}}}','digits',6,0,0.0,'digits_cnn',1,16,'adam',0.1,0.0,'fp32','none',NULL,NULL,NULL,0,NULL,NULL,NULL,NULL,NULL,NULL,1.0,1.0,0.0,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE datasets (
	dataset_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	train INTEGER NOT NULL, 
	test INTEGER NOT NULL, 
	classes INTEGER NOT NULL, 
	content_hash TEXT NOT NULL, 
	source TEXT NOT NULL, 
	CONSTRAINT pk_datasets PRIMARY KEY (dataset_id), 
	CONSTRAINT uq_datasets_name_content_hash UNIQUE (name, content_hash)
);
INSERT INTO "datasets" VALUES(1,'digits',1437,360,10,'d1','scikit-learn');
CREATE TABLE eigenvalues (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	settings TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	value DOUBLE NOT NULL, 
	residual DOUBLE NOT NULL, 
	CONSTRAINT pk_eigenvalues PRIMARY KEY (run_id, epoch, settings, rank), 
	CONSTRAINT fk_eigenvalues_run_id_epoch_settings FOREIGN KEY(run_id, epoch, settings) REFERENCES flatness (run_id, epoch, settings)
)
 WITHOUT ROWID

;
INSERT INTO "eigenvalues" VALUES(15,1,'{}',0,4.0,1.0e-05);
INSERT INTO "eigenvalues" VALUES(15,1,'{}',1,1.0,1.0e-05);
INSERT INTO "eigenvalues" VALUES(15,1,'{}',2,-0.5,1.0e-05);
INSERT INTO "eigenvalues" VALUES(15,2,'{}',0,4.0,1.0e-05);
INSERT INTO "eigenvalues" VALUES(15,2,'{}',1,1.0,1.0e-05);
INSERT INTO "eigenvalues" VALUES(15,2,'{}',2,-0.5,1.0e-05);
CREATE TABLE "epochs" (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	level INTEGER NOT NULL, 
	train_loss DOUBLE, 
	train_accuracy DOUBLE NOT NULL, 
	test_loss DOUBLE, 
	test_accuracy DOUBLE NOT NULL, 
	lr DOUBLE NOT NULL, 
	filters_left INTEGER, 
	parameters_left BIGINT NOT NULL, 
	seconds DOUBLE NOT NULL, 
	test_ece DOUBLE, 
	distance DOUBLE, 
	CONSTRAINT pk_epochs PRIMARY KEY (run_id, epoch), 
	CONSTRAINT ck_epochs_train_accuracy CHECK (train_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT fk_epochs_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id), 
	CONSTRAINT ck_epochs_epoch CHECK (epoch >= 0), 
	CONSTRAINT ck_epochs_test_accuracy CHECK (test_accuracy BETWEEN 0 AND 1)
)
 WITHOUT ROWID

;
INSERT INTO "epochs" VALUES(1,0,0,0.5,0.5,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(1,1,0,0.5,0.75,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(1,2,0,0.5,1.0,0.75,0.625,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(2,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(2,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(2,2,0,0.5,1.0,0.75,0.625,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(4,0,0,0.5,1.0,0.75,0.125,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(7,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(9,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(9,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(10,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(10,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(10,2,0,0.5,1.0,0.75,0.75,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(12,0,0,0.5,0.5,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(12,1,0,0.5,0.75,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(12,2,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(13,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(13,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(13,2,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(13,3,1,0.5,1.0,0.75,0.625,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(13,4,1,0.5,1.0,0.75,0.625,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(14,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(14,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(14,2,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(14,3,1,0.5,1.0,0.75,0.75,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(14,4,1,0.5,1.0,0.75,0.75,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(15,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(15,1,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(15,2,0,0.5,1.0,0.75,0.75,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(16,0,0,0.5,1.0,0.75,0.25,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(17,0,0,0.5,1.0,0.75,0.52,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(18,0,0,0.5,1.0,0.75,0.51,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(19,0,0,0.5,1.0,0.75,0.55,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(20,0,0,0.5,1.0,0.75,0.56,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(21,0,0,0.5,1.0,0.75,5.80000000000000071054e-01,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(22,0,0,0.5,1.0,0.75,0.52,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(23,0,0,0.5,1.0,0.75,0.51,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(24,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(25,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(26,0,0,0.5,1.0,0.75,0.54,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(27,0,0,0.5,1.0,0.75,0.51,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(28,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(29,0,0,0.5,1.0,0.75,0.51,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(30,0,0,0.5,1.0,0.75,0.5,0.001,NULL,1000,0.25,NULL,NULL);
INSERT INTO "epochs" VALUES(31,0,0,0.5,1.0,0.75,0.56,0.001,NULL,1000,0.25,NULL,NULL);
CREATE TABLE examples (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	trained INTEGER NOT NULL, 
	held_out JSON, 
	noisy JSON, 
	el2n JSON, 
	CONSTRAINT pk_examples PRIMARY KEY (run_id, epoch), 
	CONSTRAINT fk_examples_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "examples" VALUES(15,-1,5,'[3]','[0, 4]','[0.5, 0.25, 1.25, 0.75, 0.125]');
CREATE TABLE flatness (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	settings TEXT NOT NULL, 
	images INTEGER NOT NULL, 
	method TEXT NOT NULL, 
	eigenpairs INTEGER NOT NULL, 
	hessian_trace DOUBLE, 
	significant_trace DOUBLE, 
	stochastic_trace DOUBLE, 
	gradient_trace DOUBLE, 
	tic DOUBLE, 
	epsilon DOUBLE, 
	refined_epsilon DOUBLE, 
	base_loss DOUBLE, 
	products INTEGER NOT NULL, 
	seconds DOUBLE NOT NULL, 
	CONSTRAINT pk_flatness PRIMARY KEY (run_id, epoch, settings), 
	CONSTRAINT fk_flatness_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "flatness" VALUES(15,1,'{}',512,'lanczos',3,4.5,4.5,4.75,2.0,4.44444444444444419772e-01,0.12,0.115,0.75,250,12.5);
INSERT INTO "flatness" VALUES(15,2,'{}',512,'lanczos',3,4.5,4.5,4.75,2.0,4.44444444444444419772e-01,0.12,0.115,0.75,250,12.5);
CREATE TABLE group_losses (
	run_id INTEGER NOT NULL, 
	level INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	bin INTEGER NOT NULL, 
	n_original INTEGER NOT NULL, 
	original_loss DOUBLE, 
	n_noisy INTEGER NOT NULL, 
	noisy_loss DOUBLE, 
	loss DOUBLE, 
	CONSTRAINT pk_group_losses PRIMARY KEY (run_id, level, bin), 
	CONSTRAINT ck_group_losses_bin CHECK (bin >= 1), 
	CONSTRAINT fk_group_losses_run_id_level FOREIGN KEY(run_id, level) REFERENCES levels (run_id, level)
)
 WITHOUT ROWID

;
INSERT INTO "group_losses" VALUES(13,0,2,1,8,0.25,0,NULL,0.25);
INSERT INTO "group_losses" VALUES(13,0,2,2,8,0.75,0,NULL,0.75);
INSERT INTO "group_losses" VALUES(13,1,4,1,8,0.5,0,NULL,0.5);
INSERT INTO "group_losses" VALUES(13,1,4,2,8,2.0,0,NULL,2.0);
INSERT INTO "group_losses" VALUES(14,0,2,1,8,0.25,0,NULL,0.25);
INSERT INTO "group_losses" VALUES(14,0,2,2,8,0.75,0,NULL,0.75);
INSERT INTO "group_losses" VALUES(14,1,4,1,8,0.5,0,NULL,0.5);
INSERT INTO "group_losses" VALUES(14,1,4,2,8,2.0,0,NULL,2.0);
INSERT INTO "group_losses" VALUES(15,0,1,1,18,0.0625,0,NULL,0.0625);
INSERT INTO "group_losses" VALUES(15,0,1,2,15,0.125,3,0.5,0.1875);
INSERT INTO "group_losses" VALUES(15,0,1,3,12,0.75,6,1.5,NULL);
CREATE TABLE kept_states (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	checkpoint TEXT NOT NULL, 
	sha256 TEXT NOT NULL, 
	artifacts TEXT NOT NULL, 
	CONSTRAINT pk_kept_states PRIMARY KEY (run_id, epoch), 
	CONSTRAINT fk_kept_states_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "kept_states" VALUES(15,1,'other/3-1.pt','1111111111111111111111111111111111111111111111111111111111111111','elsewhere');
CREATE TABLE layer_prunings (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	layer TEXT NOT NULL, 
	total INTEGER NOT NULL, 
	kept_before INTEGER NOT NULL, 
	kept_after INTEGER NOT NULL, 
	mean_score DOUBLE, 
	removed JSON, 
	CONSTRAINT pk_layer_prunings PRIMARY KEY (run_id, epoch, layer), 
	CONSTRAINT ck_layer_prunings_kept CHECK (0 <= kept_after AND kept_after <= kept_before AND kept_before <= total), 
	CONSTRAINT fk_layer_prunings_run_id_epoch FOREIGN KEY(run_id, epoch) REFERENCES pruning_events (run_id, epoch)
)
 WITHOUT ROWID

;
INSERT INTO "layer_prunings" VALUES(2,-1,'conv1',8,8,5,0.125,'[0, 1, 2]');
INSERT INTO "layer_prunings" VALUES(2,-1,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(9,0,'conv1',8,8,7,0.125,'[0]');
INSERT INTO "layer_prunings" VALUES(9,0,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(10,0,'conv1',8,8,7,0.125,'[0]');
INSERT INTO "layer_prunings" VALUES(10,0,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(10,1,'conv1',8,8,6,0.125,'[0, 1]');
INSERT INTO "layer_prunings" VALUES(10,1,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(13,2,'conv1',8,8,7,0.125,'[0]');
INSERT INTO "layer_prunings" VALUES(13,2,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(14,2,'conv1',8,8,7,0.125,'[0]');
INSERT INTO "layer_prunings" VALUES(14,2,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(15,0,'conv1',8,8,7,0.125,'[0]');
INSERT INTO "layer_prunings" VALUES(15,0,'fc1',256,256,256,NULL,NULL);
INSERT INTO "layer_prunings" VALUES(15,1,'conv1',8,8,6,0.125,'[0, 1]');
INSERT INTO "layer_prunings" VALUES(15,1,'fc1',256,256,256,NULL,NULL);
CREATE TABLE levels (
	run_id INTEGER NOT NULL, 
	level INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	weights BIGINT NOT NULL, 
	weights_left BIGINT NOT NULL, 
	test_loss DOUBLE, 
	test_accuracy DOUBLE NOT NULL, 
	n_validation INTEGER NOT NULL, 
	validation_loss DOUBLE, 
	validation_accuracy DOUBLE, 
	train_loss DOUBLE, 
	train_accuracy DOUBLE NOT NULL, 
	n_original INTEGER NOT NULL, 
	original_loss DOUBLE, 
	original_accuracy DOUBLE, 
	n_noisy INTEGER NOT NULL, 
	noisy_loss DOUBLE, 
	noisy_accuracy DOUBLE, 
	CONSTRAINT pk_levels PRIMARY KEY (run_id, level), 
	CONSTRAINT ck_levels_level CHECK (level >= 0), 
	CONSTRAINT ck_levels_weights CHECK (0 <= weights_left AND weights_left <= weights), 
	CONSTRAINT ck_levels_test_accuracy CHECK (test_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT ck_levels_validation_accuracy CHECK (validation_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT ck_levels_train_accuracy CHECK (train_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT ck_levels_original_accuracy CHECK (original_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT ck_levels_noisy_accuracy CHECK (noisy_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT fk_levels_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "levels" VALUES(13,0,2,1024,1024,1.0,0.5,64,1.0,0.5,1.0,1.0,64,0.5,1.0,64,1.5,0.5);
INSERT INTO "levels" VALUES(13,1,4,1024,512,1.0,0.625,64,1.0,0.625,0.5,1.0,64,0.5,1.0,0,NULL,NULL);
INSERT INTO "levels" VALUES(14,0,2,1024,1024,1.0,0.5,64,1.0,0.5,1.0,1.0,64,0.5,1.0,64,1.5,0.5);
INSERT INTO "levels" VALUES(14,1,4,1024,512,1.0,0.75,64,1.0,0.625,0.5,1.0,64,0.5,1.0,0,NULL,NULL);
INSERT INTO "levels" VALUES(15,0,1,1000,800,1.5,0.5,6,1.25,0.75,0.375,0.875,45,0.25,0.9375,9,1.0,0.5);
CREATE TABLE looks (
	sweep_id INTEGER NOT NULL, 
	look INTEGER NOT NULL, 
	seeds INTEGER NOT NULL, 
	pairs INTEGER NOT NULL, 
	estimate DOUBLE, 
	low DOUBLE, 
	high DOUBLE, 
	p DOUBLE, 
	level DOUBLE NOT NULL, 
	decision TEXT NOT NULL, 
	decided DATETIME NOT NULL, 
	CONSTRAINT pk_looks PRIMARY KEY (sweep_id, look), 
	CONSTRAINT ck_looks_look CHECK (look >= 1), 
	CONSTRAINT ck_looks_pairs CHECK (0 <= pairs AND pairs <= seeds), 
	CONSTRAINT ck_looks_decision CHECK (decision IN ('continue', 'reject', 'futility', 'width', 'last')), 
	CONSTRAINT fk_looks_sweep_id FOREIGN KEY(sweep_id) REFERENCES sweeps (sweep_id)
)
 WITHOUT ROWID

;
INSERT INTO "looks" VALUES(4,1,3,3,5.33333333333333783898e-02,-1.54397933226840811116e-03,1.0821064599893516489e-01,2.62710088797046964481e-02,2.48674313524024116761e-02,'continue','2026-12-01 00:26:18.021000');
INSERT INTO "looks" VALUES(4,2,5,5,5.00000000000000444089e-02,2.31891950987580357235e-02,7.68108049012420496248e-02,0.00211064584509127,1.92419902675763747346e-02,'reject','2026-12-01 00:26:18.597000');
CREATE TABLE normality (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	settings TEXT NOT NULL, 
	layer TEXT NOT NULL, 
	statistics TEXT NOT NULL, 
	n INTEGER NOT NULL, 
	mean DOUBLE, 
	variance DOUBLE, 
	kurtosis DOUBLE, 
	ks DOUBLE, 
	density JSON NOT NULL, 
	CONSTRAINT pk_normality PRIMARY KEY (run_id, epoch, settings, layer, statistics), 
	CONSTRAINT ck_normality_statistics CHECK (statistics IN ('batch', 'running')), 
	CONSTRAINT fk_normality_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "normality" VALUES(15,1,'{}','norm1','batch',2048,0.0,1.0,0.5,0.03,'[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]');
INSERT INTO "normality" VALUES(15,2,'{}','norm1','batch',2048,0.0,1.0,0.5,0.03,'[0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]');
CREATE TABLE notes (
	note_id INTEGER NOT NULL, 
	run_id INTEGER, 
	sweep_id INTEGER, 
	text TEXT NOT NULL, 
	written DATETIME NOT NULL, 
	CONSTRAINT pk_notes PRIMARY KEY (note_id), 
	CONSTRAINT ck_notes_about CHECK ((run_id IS NULL) <> (sweep_id IS NULL)), 
	CONSTRAINT ck_notes_text CHECK (text <> ''), 
	CONSTRAINT fk_notes_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id), 
	CONSTRAINT fk_notes_sweep_id FOREIGN KEY(sweep_id) REFERENCES sweeps (sweep_id)
);
INSERT INTO "notes" VALUES(1,8,NULL,'it''s 3 > 2; :x naïve — ✓','2026-12-01 00:26:17.898000');
INSERT INTO "notes" VALUES(2,NULL,3,'two
lines','2026-12-01 00:26:17.900000');
CREATE TABLE perturbation_losses (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	settings TEXT NOT NULL, 
	rank INTEGER NOT NULL, 
	epsilon DOUBLE NOT NULL, 
	increase DOUBLE, 
	CONSTRAINT pk_perturbation_losses PRIMARY KEY (run_id, epoch, settings, rank, epsilon), 
	CONSTRAINT fk_perturbation_losses_run_id_epoch_settings FOREIGN KEY(run_id, epoch, settings) REFERENCES flatness (run_id, epoch, settings)
)
 WITHOUT ROWID

;
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.12,0.0144);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.11,0.0121);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.1,1.00000000000000019428e-02);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.09,0.0081);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.08,0.0064);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.07,4.90000000000000070915e-03);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.06,0.0036);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.05,2.50000000000000048572e-03);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.04,0.0016);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.03,0.0009);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.02,0.0004);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,-0.01,0.0001);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.0,0.0);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.01,0.0001);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.02,0.0004);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.03,0.0009);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.04,0.0016);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.05,2.50000000000000048572e-03);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.06,0.0036);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.07,4.90000000000000070915e-03);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.08,0.0064);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.09,0.0081);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.1,1.00000000000000019428e-02);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.11,0.0121);
INSERT INTO "perturbation_losses" VALUES(15,1,'{}',0,0.12,0.0144);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.12,0.0144);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.11,0.0121);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.1,1.00000000000000019428e-02);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.09,0.0081);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.08,0.0064);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.07,4.90000000000000070915e-03);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.06,0.0036);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.05,2.50000000000000048572e-03);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.04,0.0016);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.03,0.0009);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.02,0.0004);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,-0.01,0.0001);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.0,0.0);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.01,0.0001);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.02,0.0004);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.03,0.0009);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.04,0.0016);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.05,2.50000000000000048572e-03);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.06,0.0036);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.07,4.90000000000000070915e-03);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.08,0.0064);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.09,0.0081);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.1,1.00000000000000019428e-02);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.11,0.0121);
INSERT INTO "perturbation_losses" VALUES(15,2,'{}',0,0.12,0.0144);
CREATE TABLE probes (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	test_accuracy DOUBLE NOT NULL, 
	test_loss DOUBLE, 
	n_test INTEGER NOT NULL, 
	CONSTRAINT pk_probes PRIMARY KEY (run_id, epoch, name), 
	CONSTRAINT ck_probes_test_accuracy CHECK (test_accuracy BETWEEN 0 AND 1), 
	CONSTRAINT fk_probes_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "probes" VALUES(15,1,'pruned',0.25,1.5,360);
INSERT INTO "probes" VALUES(15,2,'pruned',0.25,1.5,360);
CREATE TABLE "pruning_events" (
	run_id INTEGER NOT NULL, 
	epoch INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	test_accuracy_before DOUBLE NOT NULL, 
	test_accuracy_after DOUBLE NOT NULL, 
	test_loss_before DOUBLE, 
	test_loss_after DOUBLE, 
	n_test INTEGER NOT NULL, 
	removed INTEGER NOT NULL, 
	mean_score DOUBLE, 
	mask_hash TEXT NOT NULL, 
	churn DOUBLE, 
	ece_before DOUBLE, 
	ece_after DOUBLE, 
	instability DOUBLE GENERATED ALWAYS AS ((test_accuracy_before - test_accuracy_after) / NULLIF(test_accuracy_before, 0)) STORED, 
	stability DOUBLE GENERATED ALWAYS AS (test_accuracy_after / NULLIF(test_accuracy_before, 0)) STORED, 
	CONSTRAINT pk_pruning_events PRIMARY KEY (run_id, epoch), 
	CONSTRAINT ck_pruning_events_test_accuracy_before CHECK (test_accuracy_before BETWEEN 0 AND 1), 
	CONSTRAINT fk_pruning_events_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id), 
	CONSTRAINT ck_pruning_events_epoch CHECK (epoch >= -1), 
	CONSTRAINT ck_pruning_events_removed CHECK (removed >= 0), 
	CONSTRAINT ck_pruning_events_test_accuracy_after CHECK (test_accuracy_after BETWEEN 0 AND 1)
)
 WITHOUT ROWID

;
INSERT INTO "pruning_events" VALUES(2,-1,'filters',0.125,0.0625,1.0,2.0,360,3,0.125,'mask-1',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(9,0,'filters',0.25,0.0625,1.0,2.0,360,1,0.125,'mask0',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(10,0,'filters',0.25,0.125,1.0,2.0,360,1,0.125,'mask0',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(10,1,'filters',0.5,0.25,1.0,2.0,360,2,0.125,'mask1',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(13,2,'weights',0.5,0.25,1.0,2.0,360,1,0.125,'mask2',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(14,2,'weights',0.5,0.25,1.0,2.0,360,1,0.125,'mask2',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(15,0,'filters',0.25,0.125,1.0,2.0,360,1,0.125,'mask0',NULL,NULL,NULL);
INSERT INTO "pruning_events" VALUES(15,1,'filters',0.5,0.25,1.0,2.0,360,2,0.125,'mask1',NULL,NULL,NULL);
CREATE TABLE run_tags (
	run_id INTEGER NOT NULL, 
	tag TEXT NOT NULL, 
	CONSTRAINT pk_run_tags PRIMARY KEY (run_id, tag), 
	CONSTRAINT ck_run_tags_tag CHECK (tag <> ''), 
	CONSTRAINT fk_run_tags_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
)
 WITHOUT ROWID

;
INSERT INTO "run_tags" VALUES(8,'paper');
INSERT INTO "run_tags" VALUES(15,'paper');
INSERT INTO "run_tags" VALUES(8,'rerun:1');
INSERT INTO "run_tags" VALUES(15,'rerun:1');
CREATE TABLE "runs" (
	run_id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	config_id INTEGER NOT NULL, 
	seed BIGINT NOT NULL, 
	status TEXT NOT NULL, 
	reason TEXT, 
	attempt INTEGER NOT NULL, 
	stall INTEGER NOT NULL, 
	last_epoch INTEGER, 
	furthest_epoch INTEGER, 
	checkpoint TEXT, 
	checkpoint_epoch INTEGER, 
	seconds DOUBLE NOT NULL, 
	created DATETIME NOT NULL, 
	started DATETIME, 
	heartbeat DATETIME, 
	ended DATETIME, 
	sweep_id INTEGER, 
	driver_epoch INTEGER, 
	checkpoint_sha256 TEXT, 
	earlier_checkpoint TEXT, 
	earlier_epoch INTEGER, 
	earlier_sha256 TEXT, 
	artifacts TEXT, 
	el2n_epoch INTEGER, 
	CONSTRAINT pk_runs PRIMARY KEY (run_id), 
	CONSTRAINT uq_runs_config_id_seed UNIQUE (config_id, seed), 
	CONSTRAINT ck_runs_checkpoint CHECK ((checkpoint IS NULL) = (checkpoint_epoch IS NULL)), 
	CONSTRAINT fk_runs_config_id FOREIGN KEY(config_id) REFERENCES configs (config_id), 
	CONSTRAINT ck_runs_status CHECK (status IN ('pending', 'running', 'completed', 'failed', 'interrupted', 'diverged', 'cancelled')), 
	CONSTRAINT fk_runs_sweep_id FOREIGN KEY(sweep_id) REFERENCES sweeps (sweep_id), 
	CONSTRAINT uq_runs_key UNIQUE ("key"), 
	CONSTRAINT ck_runs_checkpoint_epoch CHECK (checkpoint_epoch <= last_epoch), 
	CONSTRAINT ck_runs_earlier_checkpoint CHECK ((earlier_checkpoint IS NULL) = (earlier_epoch IS NULL)), 
	CONSTRAINT ck_runs_earlier_epoch CHECK (earlier_epoch < checkpoint_epoch), 
	CONSTRAINT ck_runs_scoring CHECK (el2n_epoch < 0)
);
INSERT INTO "runs" VALUES(1,'036d19ddc54abf60fad15962880902ac43f3ef3706fd624de743c67e5da03728',4,0,'completed',NULL,1,0,2,2,NULL,NULL,0.75,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.621000','2026-12-01 00:26:17.724000','2026-12-01 00:26:17.724000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(2,'0c4b60a0e1ef1d22561eabefa30515b91438f8351c30ac3a6ceb459ca600f508',1,0,'completed',NULL,1,0,2,2,NULL,NULL,0.75,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.764000','2026-12-01 00:26:17.773000','2026-12-01 00:26:17.773000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(3,'0f3d42232cc2940d8af1bf488aadf2834c3de60d4cc4802226c836527c60eba1',3,2,'pending',NULL,0,0,NULL,NULL,NULL,NULL,0.0,'2026-12-01 00:26:17.598000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(4,'33251291621ad550d58d2564a402425261aa757b449767567840dee5187e6bf7',3,0,'diverged',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.784000','2026-12-01 00:26:17.792000','2026-12-01 00:26:17.792000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(5,'43472ba31230d5ffa5a1c945b4d24898fe273f5bac0b7c6c16c4a594685daf98',4,2,'pending',NULL,0,0,NULL,NULL,NULL,NULL,0.0,'2026-12-01 00:26:17.598000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(6,'54861f2cf892fe13966161dc9a233010f2bd9c2a6fbde62fb5ce1028b2d95a1f',1,2,'pending',NULL,0,0,NULL,NULL,NULL,NULL,0.0,'2026-12-01 00:26:17.598000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(7,'5f790245c388568ee1e93f88fe00d2bba02ac46b02214e74604c3ace297d263d',1,1,'running',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.775000','2026-12-01 00:26:17.783000',NULL,1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(8,'8d38d3029e02d43eef3e9a73b5c6f2f51154ef7fb624cff59bf3da64956c2cfe',3,1,'cancelled','cancelled while pending',0,0,NULL,NULL,NULL,NULL,0.0,'2026-12-01 00:26:17.598000',NULL,NULL,'2026-12-01 00:26:17.889000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(9,'91e7a3e9382f0efb093d442e77bee8a7795af094ec112dab609565e08908ff71',2,1,'interrupted',NULL,1,0,1,1,NULL,NULL,0.5,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.752000','2026-12-01 00:26:17.762000','2026-12-01 00:26:17.762000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(10,'93c887867d37cdf8910ec3b4a9eaa07f517124bd9dab85378436987deb0bfc57',2,0,'completed',NULL,1,0,2,2,NULL,NULL,0.75,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.738000','2026-12-01 00:26:17.750000','2026-12-01 00:26:17.750000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(11,'a71789c5affc41948f3af74c579b7f0ec16d6cfcef6b991491b5f5073fea27fb',2,2,'pending',NULL,0,0,NULL,NULL,NULL,NULL,0.0,'2026-12-01 00:26:17.598000',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(12,'fd009f45f712c61f93d4a2756eef884f140346cc6b31ed242f8db10513e23d83',4,1,'completed',NULL,1,0,2,2,NULL,NULL,0.75,'2026-12-01 00:26:17.598000','2026-12-01 00:26:17.727000','2026-12-01 00:26:17.737000','2026-12-01 00:26:17.737000',1,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(13,'ce82ee72b0fcb3e3e5884315c24afa3ac62fbeb653c5c16e5eee093d3dc1769a',5,0,'completed',NULL,1,0,4,4,NULL,NULL,1.25,'2026-12-01 00:26:17.794000','2026-12-01 00:26:17.801000','2026-12-01 00:26:17.813000','2026-12-01 00:26:17.813000',2,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(14,'e2eda9fc43ddfd7b8b54a8f90514d2e2aa15904fe3d9a801486a5fe9a4ac220a',5,1,'completed',NULL,1,0,4,4,NULL,NULL,1.25,'2026-12-01 00:26:17.794000','2026-12-01 00:26:17.815000','2026-12-01 00:26:17.825000','2026-12-01 00:26:17.825000',2,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(15,'3e7b0c5b056f4432ea7298c660accf408164772b409969c4ff8acd6e8e924a28',6,0,'completed',NULL,3,0,2,2,NULL,NULL,0.75,'2026-12-01 00:26:17.827000','2026-12-01 00:26:17.834000','2026-12-01 00:26:17.875000','2026-12-01 00:26:17.875000',3,1,NULL,NULL,NULL,NULL,'elsewhere',NULL);
INSERT INTO "runs" VALUES(16,'ef985ed4a6b92e546f07d7c0b5e2a311799d38b031db2a36dc0ffe96d74dc215',6,1,'failed','RuntimeError: broken',1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.827000','2026-12-01 00:26:17.879000','2026-12-01 00:26:17.888000','2026-12-01 00:26:17.888000',3,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(17,'083d58036d0b2a40ca00d294b6053aebdbe8dfffd623358b0cd2fd38fcf29954',7,2,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:18.004000','2026-12-01 00:26:18.013000','2026-12-01 00:26:18.013000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(18,'093822cda50592a85e3da2e030d82fda737df4804ac045342f09de2eb532d38b',9,1,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.927000','2026-12-01 00:26:17.936000','2026-12-01 00:26:17.936000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(19,'345075e1497035dc900d73cfe522ddba2810b8f6756caeee15a3d19126655a21',8,0,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.949000','2026-12-01 00:26:17.958000','2026-12-01 00:26:17.958000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(20,'34518cabed28c375d0f989ad1e4a84c72289eae2c922a44d8c3df4fdb2486e02',8,2,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.971000','2026-12-01 00:26:17.980000','2026-12-01 00:26:17.980000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(21,'61c5349362f264931318f313bd8c6b9586839c63ba385a0e3b030cb941168e9e',8,1,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.960000','2026-12-01 00:26:17.969000','2026-12-01 00:26:17.969000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(22,'67ea68318af49decad9ca7e3a4790000845b0d38952a29ee3005323dd71a5aca',9,2,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.938000','2026-12-01 00:26:17.947000','2026-12-01 00:26:17.947000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(23,'78ef54784403a0d539fe155943aab9ac2d3d62a7173a686a731613e9d79a8102',7,1,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.993000','2026-12-01 00:26:18.002000','2026-12-01 00:26:18.002000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(24,'7fa45106da5a0857c47855057a38dad1b798145052cb2c61a39446a2dacf1359',9,0,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.915000','2026-12-01 00:26:17.925000','2026-12-01 00:26:17.925000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(25,'843f4db1b5cc3db91993d2fc4e1bb20cdab3cbf112723bfaba1e30ea24c8ae13',7,0,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:17.902000','2026-12-01 00:26:17.982000','2026-12-01 00:26:17.991000','2026-12-01 00:26:17.991000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(26,'13343b76d02e0530836d0fcfecc8f9dbc8f2840240d2ca47d35b0d74e9987863',8,4,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.563000','2026-12-01 00:26:18.572000','2026-12-01 00:26:18.572000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(27,'7a8a104730e98380e097f46917b73c998ef3192abfc327b328df8986b5681628',9,4,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.544000','2026-12-01 00:26:18.551000','2026-12-01 00:26:18.551000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(28,'c93837dad1c38330d42fc7c7fde3d6796889035406f198e9732f5fb6d2003c2b',7,3,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.574000','2026-12-01 00:26:18.583000','2026-12-01 00:26:18.583000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(29,'cbfa918078b0bcba27a8424b168c9fb5cbaa0b4526bac84ec73971daa13f46fa',7,4,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.584000','2026-12-01 00:26:18.593000','2026-12-01 00:26:18.593000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(30,'d3ffca17b7ee76247bb24839b4731d43e0ab87dd30a81e7927b112a614dd50be',9,3,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.536000','2026-12-01 00:26:18.543000','2026-12-01 00:26:18.543000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "runs" VALUES(31,'e5d61d9aae3f9f57b725948b4d630efe2b052fb655ae51f757a1165c9cc18299',8,3,'completed',NULL,1,0,0,0,NULL,NULL,0.25,'2026-12-01 00:26:18.021000','2026-12-01 00:26:18.552000','2026-12-01 00:26:18.562000','2026-12-01 00:26:18.562000',4,1,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE "sweep_runs" (
	sweep_id INTEGER NOT NULL, 
	run_id INTEGER NOT NULL, 
	arm TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	measure TEXT, 
	CONSTRAINT pk_sweep_runs PRIMARY KEY (sweep_id, position), 
	CONSTRAINT uq_sweep_runs_sweep_id_run_id_arm UNIQUE (sweep_id, run_id, arm), 
	CONSTRAINT fk_sweep_runs_sweep_id FOREIGN KEY(sweep_id) REFERENCES sweeps (sweep_id), 
	CONSTRAINT fk_sweep_runs_run_id FOREIGN KEY(run_id) REFERENCES runs (run_id)
);
INSERT INTO "sweep_runs" VALUES(1,1,'No Pruning',0,NULL);
INSERT INTO "sweep_runs" VALUES(1,12,'No Pruning',1,NULL);
INSERT INTO "sweep_runs" VALUES(1,5,'No Pruning',2,NULL);
INSERT INTO "sweep_runs" VALUES(1,10,'PruneL',3,NULL);
INSERT INTO "sweep_runs" VALUES(1,9,'PruneL',4,NULL);
INSERT INTO "sweep_runs" VALUES(1,11,'PruneL',5,NULL);
INSERT INTO "sweep_runs" VALUES(1,2,'scratch',6,NULL);
INSERT INTO "sweep_runs" VALUES(1,7,'scratch',7,NULL);
INSERT INTO "sweep_runs" VALUES(1,6,'scratch',8,NULL);
INSERT INTO "sweep_runs" VALUES(1,4,'wild',9,NULL);
INSERT INTO "sweep_runs" VALUES(1,8,'wild',10,NULL);
INSERT INTO "sweep_runs" VALUES(1,3,'wild',11,NULL);
INSERT INTO "sweep_runs" VALUES(2,13,'IMP',0,NULL);
INSERT INTO "sweep_runs" VALUES(2,14,'IMP',1,NULL);
INSERT INTO "sweep_runs" VALUES(3,1,'unpruned',0,NULL);
INSERT INTO "sweep_runs" VALUES(3,12,'unpruned',1,NULL);
INSERT INTO "sweep_runs" VALUES(3,15,'other',2,NULL);
INSERT INTO "sweep_runs" VALUES(3,16,'other',3,NULL);
INSERT INTO "sweep_runs" VALUES(4,24,'A',0,NULL);
INSERT INTO "sweep_runs" VALUES(4,18,'A',1,NULL);
INSERT INTO "sweep_runs" VALUES(4,22,'A',2,NULL);
INSERT INTO "sweep_runs" VALUES(4,19,'B',8,NULL);
INSERT INTO "sweep_runs" VALUES(4,21,'B',9,NULL);
INSERT INTO "sweep_runs" VALUES(4,20,'B',10,NULL);
INSERT INTO "sweep_runs" VALUES(4,25,'C',16,NULL);
INSERT INTO "sweep_runs" VALUES(4,23,'C',17,NULL);
INSERT INTO "sweep_runs" VALUES(4,17,'C',18,NULL);
INSERT INTO "sweep_runs" VALUES(4,30,'A',3,NULL);
INSERT INTO "sweep_runs" VALUES(4,27,'A',4,NULL);
INSERT INTO "sweep_runs" VALUES(4,31,'B',11,NULL);
INSERT INTO "sweep_runs" VALUES(4,26,'B',12,NULL);
INSERT INTO "sweep_runs" VALUES(4,28,'C',19,NULL);
INSERT INTO "sweep_runs" VALUES(4,29,'C',20,NULL);
CREATE TABLE "sweeps" (
	sweep_id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	title TEXT NOT NULL, 
	claim TEXT NOT NULL, 
	text TEXT NOT NULL, 
	figures JSON NOT NULL, 
	driver_epoch INTEGER NOT NULL, 
	registered DATETIME NOT NULL, 
	design JSON, 
	options TEXT, 
	CONSTRAINT pk_sweeps PRIMARY KEY (sweep_id), 
	CONSTRAINT uq_sweeps_name_digest UNIQUE (name, digest)
);
INSERT INTO "sweeps" VALUES(1,'digits','4630b3df4b912f4a718210d3b1e6b35cac7ca30abc6b68c3ea324e3b3669b948','By hand','','title: By hand
','["tradeoff"]',1,'2026-12-01 00:26:17.598000',NULL,'');
INSERT INTO "sweeps" VALUES(2,'levels','b9bd216c051f6b95230480036f796080f1114bc19323087264d51d852445edde','By hand','','title: By hand
','["tradeoff"]',1,'2026-12-01 00:26:17.794000',NULL,'');
INSERT INTO "sweeps" VALUES(3,'again','7af7afbe421bdb9ba5db6322abe35a1ac8ee33685fa1f3482f1e092200e83888','By hand','','title: By hand
','["tradeoff"]',1,'2026-12-01 00:26:17.827000',NULL,'');
INSERT INTO "sweeps" VALUES(4,'designed','81b882af01f4f6d06f722309e12bcc7ecd61276ed6abf6b00dbafb4da08f8a26','By hand','','title: By hand
','["tradeoff"]',1,'2026-12-01 00:26:17.902000','{"looks": [3, 5, 8], "start": 0, "question": {"difference": ["B", "A"], "of": "final_test_accuracy"}, "alpha": 0.05, "spending": "pocock", "futility": false, "width": null}','');
CREATE TABLE system_samples (
	run_id INTEGER NOT NULL, 
	attempt INTEGER NOT NULL, 
	sample INTEGER NOT NULL, 
	start DOUBLE NOT NULL, 
	stop DOUBLE NOT NULL, 
	cpu_use DOUBLE NOT NULL, 
	memory BIGINT, 
	gpu_use DOUBLE, 
	gpu_memory BIGINT, 
	gpu_power DOUBLE, 
	CONSTRAINT pk_system_samples PRIMARY KEY (run_id, attempt, sample), 
	CONSTRAINT ck_system_samples_sample CHECK (sample >= 0), 
	CONSTRAINT ck_system_samples_start CHECK (0 <= start AND start < stop), 
	CONSTRAINT ck_system_samples_gpu_use CHECK (gpu_use BETWEEN 0 AND 1), 
	CONSTRAINT fk_system_samples_run_id_attempt FOREIGN KEY(run_id, attempt) REFERENCES attempts (run_id, attempt)
)
 WITHOUT ROWID

;
INSERT INTO "system_samples" VALUES(15,3,0,0.0,1.5,1.25,2147483648,0.75,8589934592,312.5);
INSERT INTO "system_samples" VALUES(15,3,1,2.0,3.0,1.0,NULL,NULL,NULL,NULL);
INSERT INTO "system_samples" VALUES(15,3,2,3.0,4.0,1.5,NULL,NULL,NULL,NULL);
CREATE INDEX ix_run_tags_tag ON run_tags (tag);
CREATE INDEX ix_notes_run_id ON notes (run_id);
CREATE INDEX ix_notes_sweep_id ON notes (sweep_id);
CREATE INDEX ix_sweep_runs_run_id ON sweep_runs (run_id);
CREATE VIEW run_summary AS
SELECT
    s.run_id, s.key, s.config_id, s.seed, s.status, s.reason, s.attempt, s.last_epoch,
    c.model, c.dataset, c.train_per_class, c.label_noise, c.optimizer, c.lr, c.epochs,
    c.kind, c.score, c.target, c.layers, c.scratch, c.prune_start, c.prune_end, c.retrain_period,
    c.iterative_rate, c.total_fraction, c.train_batches, c.scale,
    final.test_accuracy AS final_test_accuracy,
    best.test_accuracy AS best_test_accuracy,
    best.epoch AS best_epoch,
    final.train_accuracy AS final_train_accuracy,
    final.train_accuracy - final.test_accuracy AS final_gap,
    best.train_accuracy - best.test_accuracy AS best_gap,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 1.0 ELSE (
        SELECT avg(p.stability) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_stability,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT avg(p.test_accuracy_before - p.test_accuracy_after) FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch >= 0 AND p.removed > 0
    ) END AS mean_drop,
    CASE WHEN s.last_epoch IS NULL THEN NULL WHEN s.events = 0 THEN 0.0 ELSE (
        SELECT p.test_accuracy_before - p.test_accuracy_after FROM pruning_events p
        WHERE p.run_id = s.run_id AND p.epoch = s.last_event
    ) END AS last_drop,
    s.events,
    s.last_event,
    s.seconds
FROM (
    SELECT
        r.*,
        (
            SELECT count(*) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS events,
        (
            SELECT max(p.epoch) FROM pruning_events p
            WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
        ) AS last_event,
        (
            SELECT e.epoch FROM epochs e
            WHERE e.run_id = r.run_id AND e.epoch >= COALESCE((
                SELECT max(p.epoch) FROM pruning_events p
                WHERE p.run_id = r.run_id AND p.epoch >= 0 AND p.removed > 0
            ), 0)
            ORDER BY e.test_accuracy DESC, e.epoch
            LIMIT 1
        ) AS best_epoch
    FROM runs r
) s
JOIN configs c ON c.config_id = s.config_id
LEFT JOIN epochs final ON final.run_id = s.run_id AND final.epoch = s.last_epoch
LEFT JOIN epochs best ON best.run_id = s.run_id AND best.epoch = s.best_epoch;
CREATE VIEW tradeoff AS
SELECT
    m.sweep_id, w.name AS sweep, m.arm, m.position,
    r.run_id, r.key, r.seed, r.config_id,
    r.mean_stability AS stability,
    r.mean_drop AS "drop",
    r.final_test_accuracy, r.best_test_accuracy, r.final_gap, r.best_gap,
    r.scale, r.dataset, r.model
FROM sweep_runs m
JOIN sweeps w ON w.sweep_id = m.sweep_id
JOIN run_summary r ON r.run_id = m.run_id
WHERE r.status = 'completed';
CREATE VIEW level_summary AS
SELECT
    s.*,
    CASE
        WHEN s.n < 2 THEN NULL
        WHEN s.error_change * s.error_change < s.error_change_variance THEN 'match'
        WHEN s.error_change < 0 THEN 'better'
        WHEN s.error_change > 0 THEN 'worse'
        ELSE 'match'
    END AS against_dense
FROM (
    SELECT
        x.config_id,
        x.level,
        count(*) AS n,
        avg(x.weights_left * 1.0 / x.weights) AS weights_left,
        avg(1 - x.test_accuracy) AS test_error,
        avg(1 - x.validation_accuracy) AS validation_error,
        avg(x.train_loss) AS train_loss,
        avg(x.original_loss) AS original_loss,
        avg(x.noisy_loss) AS noisy_loss,
        avg(x.error_change) AS error_change,
        CASE WHEN count(*) > 1 THEN
            sum((x.error_change - x.mean_change) * (x.error_change - x.mean_change)) / (count(*) - 1)
        END AS error_change_variance
    FROM (
        SELECT
            r.config_id,
            l.*,
            dense.test_accuracy - l.test_accuracy AS error_change,
            avg(dense.test_accuracy - l.test_accuracy) OVER (PARTITION BY r.config_id, l.level)
                AS mean_change
        FROM runs r
        JOIN levels l ON l.run_id = r.run_id
        JOIN levels dense ON dense.run_id = r.run_id AND dense.level = 0
        WHERE r.status = 'completed'
    ) x
    GROUP BY x.config_id, x.level
) s;
CREATE VIEW optimal_levels AS
SELECT t.*
FROM (
    SELECT
        'validation' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.validation_error, v.level) AS place
    FROM level_summary v
    WHERE v.validation_error IS NOT NULL
    UNION ALL
    SELECT
        'test' AS chosen_by,
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.test_error, v.level) AS place
    FROM level_summary v
) t
WHERE t.place = 1;
CREATE VIEW sparsest_better AS
SELECT t.*
FROM (
    SELECT
        v.*,
        row_number() OVER (PARTITION BY v.config_id ORDER BY v.level DESC) AS place
    FROM level_summary v
    WHERE v.against_dense = 'better'
) t
WHERE t.place = 1;
CREATE VIEW sweep_addresses AS
SELECT name || '@' || substr(digest, 1, 7) AS address, sweep_id FROM sweeps
UNION ALL
SELECT name, sweep_id
FROM (
    SELECT name, sweep_id, row_number() OVER (
        PARTITION BY name
        ORDER BY
            CASE WHEN options = '' THEN 0 WHEN options IS NULL THEN 1 ELSE 2 END,
            registered DESC, sweep_id DESC
    ) AS place
    FROM sweeps
) ordered
WHERE place = 1;
COMMIT;
