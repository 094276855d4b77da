BEGIN TRANSACTION;
CREATE TABLE acknowledgements (
	alarm VARCHAR(128) NOT NULL, 
	amount BIGINT NOT NULL, 
	reason TEXT NOT NULL, 
	acknowledged_at VARCHAR(27) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (alarm), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE applications (
	id VARCHAR(64) NOT NULL, 
	holds_from VARCHAR(27) NOT NULL, 
	holds_until VARCHAR(27), 
	name TEXT NOT NULL, 
	type VARCHAR(32) NOT NULL, 
	aud VARCHAR(128) NOT NULL, 
	coverage TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (id, holds_from), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE batches (
	sequence BIGINT NOT NULL, 
	batch_id VARCHAR(64) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	content VARCHAR(80) NOT NULL, 
	body_bytes BIGINT NOT NULL, 
	inflated_bytes BIGINT, 
	received_at VARCHAR(27) NOT NULL, 
	raw_path VARCHAR(255) NOT NULL, 
	state VARCHAR(8) NOT NULL, 
	reason TEXT, 
	attempts INTEGER NOT NULL, 
	rows BIGINT, 
	rejected_lines BIGINT, 
	blank_lines BIGINT, 
	loaded_sequence BIGINT, 
	shape VARCHAR(16), 
	decoder VARCHAR(16), 
	misfits BIGINT, 
	approximations BIGINT, 
	unknown_members BIGINT, 
	overruled_members BIGINT, 
	foreign_lines BIGINT, 
	foreign_dataset VARCHAR(64), 
	tally TEXT, 
	raw_retired_sequence BIGINT, 
	resends BIGINT DEFAULT '0' NOT NULL, 
	is_fetched BOOLEAN DEFAULT '0' NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (dataset, content), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(loaded_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(raw_retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "batches" VALUES(1,'aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661','http_requests','blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d',279,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz','loaded',NULL,1,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(2,'736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f','http_requests','blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f',280,1037,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz','loaded',NULL,1,3,0,0,4,'ndjson','native',0,0,0,0,0,NULL,NULL,12,0,0);
INSERT INTO "batches" VALUES(3,'40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba','access_requests','blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305',252,334,'2026-10-02T10:00:00.000000Z','raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz','loaded',NULL,1,1,0,0,5,'ndjson','native',0,0,0,0,0,NULL,NULL,11,0,0);
INSERT INTO "batches" VALUES(13,'de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe','http_requests','blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b',261,706,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz','loaded',NULL,1,2,0,0,15,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(14,'0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993','http_requests','blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25',279,1036,'2026-11-20T10:00:00.000000Z','raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz','loaded',NULL,1,3,0,0,15,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
INSERT INTO "batches" VALUES(17,'c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d','http_requests','blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129',275,718,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz','loaded',NULL,1,2,1,0,20,'ndjson','native',0,0,2,0,0,NULL,'{"unknown":{"Unheard":2}}',NULL,0,0);
INSERT INTO "batches" VALUES(18,'0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940','http_requests','blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba',265,659,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz','loaded',NULL,1,2,0,0,20,'ndjson','native',1,0,0,0,0,NULL,'{"misfit":{"EdgeResponseStatus":1}}',NULL,0,0);
INSERT INTO "batches" VALUES(19,'6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20','access_requests','blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75',257,344,'2026-11-22T10:00:00.000000Z','raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz','loaded',NULL,1,1,0,0,21,'ndjson','native',0,0,0,0,0,NULL,NULL,NULL,0,0);
CREATE TABLE canaries (
	id VARCHAR(32) NOT NULL, 
	sent_at VARCHAR(27) NOT NULL, 
	status INTEGER, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE counts (
	dataset VARCHAR(64) NOT NULL, 
	measure VARCHAR(20) NOT NULL, 
	label VARCHAR(64) NOT NULL, 
	amount BIGINT NOT NULL, 
	PRIMARY KEY (dataset, measure, label)
);
INSERT INTO "counts" VALUES('http_requests','batches','',6);
INSERT INTO "counts" VALUES('http_requests','body_bytes','',1639);
INSERT INTO "counts" VALUES('http_requests','inflated_bytes','',5193);
INSERT INTO "counts" VALUES('access_requests','batches','',2);
INSERT INTO "counts" VALUES('access_requests','body_bytes','',509);
INSERT INTO "counts" VALUES('access_requests','inflated_bytes','',678);
INSERT INTO "counts" VALUES('http_requests','files','',6);
INSERT INTO "counts" VALUES('http_requests','live_rows','',13);
INSERT INTO "counts" VALUES('http_requests','parquet_bytes','',153123);
INSERT INTO "counts" VALUES('http_requests','decoded_rows','native',15);
INSERT INTO "counts" VALUES('http_requests','rows','',15);
INSERT INTO "counts" VALUES('http_requests','shape','ndjson',6);
INSERT INTO "counts" VALUES('access_requests','files','',2);
INSERT INTO "counts" VALUES('access_requests','live_rows','',2);
INSERT INTO "counts" VALUES('access_requests','parquet_bytes','',9249);
INSERT INTO "counts" VALUES('access_requests','decoded_rows','native',2);
INSERT INTO "counts" VALUES('access_requests','rows','',2);
INSERT INTO "counts" VALUES('access_requests','shape','ndjson',2);
INSERT INTO "counts" VALUES('http_requests','folded_rows','',2);
INSERT INTO "counts" VALUES('rejected','files','',1);
INSERT INTO "counts" VALUES('rejected','live_rows','',1);
INSERT INTO "counts" VALUES('rejected','parquet_bytes','',1288);
INSERT INTO "counts" VALUES('http_requests','misfits','',1);
INSERT INTO "counts" VALUES('http_requests','rejected_lines','',1);
INSERT INTO "counts" VALUES('http_requests','unknown_members','',2);
CREATE TABLE coverage (
	job BIGINT NOT NULL, 
	hour VARCHAR(27) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	state VARCHAR(12) NOT NULL, 
	missing BIGINT, 
	why TEXT NOT NULL, 
	counted BIGINT, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (job, hour), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE damaged (
	path VARCHAR(255) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	reason TEXT NOT NULL, 
	found_at VARCHAR(27) NOT NULL, 
	found_by VARCHAR(16) NOT NULL, 
	PRIMARY KEY (path)
);
CREATE TABLE drifts (
	place VARCHAR(64) NOT NULL, 
	found TEXT NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (place), 
	FOREIGN KEY(sequence) REFERENCES entries (sequence)
);
CREATE TABLE entries (
	sequence BIGINT NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	recorded_at VARCHAR(27) NOT NULL, 
	previous VARCHAR(64) NOT NULL, 
	payload TEXT NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	PRIMARY KEY (sequence), 
	UNIQUE (digest)
);
INSERT INTO "entries" VALUES(1,'batch','2026-10-02T10:00:00.000000Z','0000000000000000000000000000000000000000000000000000000000000000','{"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","body_bytes":279,"content":"blake3:2882712eb1a97e61934d84e4138c13e258ff9cee7c5d09e11a9a2eb75ae91b8d","dataset":"http_requests","inflated_bytes":1037,"raw_path":"raw/2026-10-02/aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','1fada2636ac000b991256ee6bdec28c781d574ce6e180872b6d2bd3f0490d711');
INSERT INTO "entries" VALUES(2,'batch','2026-10-02T10:00:00.000000Z','1fada2636ac000b991256ee6bdec28c781d574ce6e180872b6d2bd3f0490d711','{"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","body_bytes":280,"content":"blake3:6f92fc319681ed22856c0de66ca9f18e592a4a4dd1c7211a0367c55e6e176c8f","dataset":"http_requests","inflated_bytes":1037,"raw_path":"raw/2026-10-02/736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','7f531df141a14866c23bfc48b8fb315a4bdd79af0fc2a40bd3831fe08dde818e');
INSERT INTO "entries" VALUES(3,'batch','2026-10-02T10:00:00.000000Z','7f531df141a14866c23bfc48b8fb315a4bdd79af0fc2a40bd3831fe08dde818e','{"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","body_bytes":252,"content":"blake3:2f33a129e47db04f53a71e29a3586d9bef5821aaab523a499730381a1264a305","dataset":"access_requests","inflated_bytes":334,"raw_path":"raw/2026-10-02/40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba.gz","reason":null,"received_at":"2026-10-02T10:00:00.000000Z"}','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b');
INSERT INTO "entries" VALUES(4,'loaded','2026-10-02T10:00:00.000000Z','d0aa80c9d2ef20441694dfdea5f6f64f53758d6c4bf91e3b3afe562f60fe572b','{"batches":[{"batch":1,"batch_id":"aa6e88754a176e21bd8c3c13d5972e0051a08093c610edb2466843f93d167661","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"},{"batch":2,"batch_id":"736eba7a964d2424c39eaefef5e95f3853880f065aafe38ca3c22da4cdb1d13f","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":23911,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-b2ddba9d.parquet","rows":3,"sha256":"f67e842348f81190efd4216eab7dd69b95c561d6c40e4760eef3347e803e3b3a","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":23911,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-b2ddba9d.parquet","rows":3,"sha256":"cb3cd5f3f3183cdeed3151294d1013c40c5ea30c3fa552bdf5985c81af399566","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"}]}','3b98d599287944302957a3bd54f6d79420ae927d027f008cf4e5af030b3fd58b');
INSERT INTO "entries" VALUES(5,'loaded','2026-10-02T10:00:00.000000Z','3b98d599287944302957a3bd54f6d79420ae927d027f008cf4e5af030b3fd58b','{"batches":[{"batch":3,"batch_id":"40c582a988cb8f77c0c657d79332e4178b04a8f676b2f59f5f958c191dec17ba","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4633,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-69002b20.parquet","rows":1,"sha256":"6826ada6cdaaaaf50fe51e8f2b143f2841cf83a81046e86f4db12ffe41dd249f","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}]}','81767ac9e99dbd32336db9f39c641250e12eb9a36cece7e045d3f75e0cff3873');
INSERT INTO "entries" VALUES(6,'compacted','2026-11-20T10:00:00.000000Z','81767ac9e99dbd32336db9f39c641250e12eb9a36cece7e045d3f75e0cff3873','{"dataset":"access_requests","files":[{"bytes":4624,"dataset":"access_requests","day":"2026-10-01","path":"parts/access_requests/date=2026-10-01/sorted-day-813bf34bcdb4bd90-000.parquet","rows":1,"sha256":"a9c2a92baf0c3a1134cd8960649e349abca81924b45d19b8ceea8a78362d7620","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10-01","retired":["parts/access_requests/date=2026-10-01/000000000003-40c582a988cb8f77-69002b20.parquet"],"rows_after":1,"rows_before":1,"tier":"day"}','a5cf64c7a24f4d4cbe26cb8019595f387f81c52cc256274f274bf3f616ea9ac1');
INSERT INTO "entries" VALUES(7,'compacted','2026-11-20T10:00:00.000000Z','a5cf64c7a24f4d4cbe26cb8019595f387f81c52cc256274f274bf3f616ea9ac1','{"dataset":"http_requests","files":[{"bytes":26298,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-ccf300d8ba43f7be-000.parquet","rows":2,"sha256":"41ae8d132662e5f1bea9d20b3c806d6d56020ef0c466193d39f5e53c982c42c2","time_max":"2026-10-01T09:02:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":25978,"dataset":"http_requests","day":"2026-10-01","path":"parts/http_requests/date=2026-10-01/sorted-day-ccf300d8ba43f7be-001.parquet","rows":1,"sha256":"c526c0b212f90b8d08b87c6f3ea67e740b97b2179e6a69600117068a136944cd","time_max":"2026-10-01T09:03:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10-01","retired":["parts/http_requests/date=2026-10-01/000000000001-aa6e88754a176e21-b2ddba9d.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','cded70c4cd8c70b9ff7a3fd17c62dc588120f92ed1eaafd9cf352a728b8bbd3f');
INSERT INTO "entries" VALUES(8,'compacted','2026-11-20T10:00:00.000000Z','cded70c4cd8c70b9ff7a3fd17c62dc588120f92ed1eaafd9cf352a728b8bbd3f','{"dataset":"http_requests","files":[{"bytes":26296,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-33a2f953a8220c4b-000.parquet","rows":2,"sha256":"eacd9e31a55a71cff764ae05b1cb15b6d184fec2fbecca526386dbf9ead6d17a","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-02T09:04:07.123456Z"},{"bytes":25977,"dataset":"http_requests","day":"2026-10-02","path":"parts/http_requests/date=2026-10-02/sorted-day-33a2f953a8220c4b-001.parquet","rows":1,"sha256":"b510814e5d58f02f496821e207ee01a67a8e8d0ed8b1745ee605ecb3330b1744","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-02T09:06:07.123456Z"}],"folded":0,"label":"2026-10-02","retired":["parts/http_requests/date=2026-10-02/000000000001-aa6e88754a176e21-b2ddba9d.parquet"],"rows_after":3,"rows_before":3,"tier":"day"}','2731f517067c0151046c3dc8fdeee77867b8942f7bd513351ea5fe2a94fd3c55');
INSERT INTO "entries" VALUES(9,'compacted','2026-11-20T10:00:00.000000Z','2731f517067c0151046c3dc8fdeee77867b8942f7bd513351ea5fe2a94fd3c55','{"dataset":"access_requests","files":[{"bytes":4614,"dataset":"access_requests","day":"2026-10","path":"parts/access_requests/month=2026-10/sorted-month-562eb139c4c82ff1-000.parquet","rows":1,"sha256":"c4726c4b05615a9ad91e55ae07b5c9a57ac83551601e90dd4816920dbf059fce","time_max":"2026-10-01T08:00:00.000000Z","time_min":"2026-10-01T08:00:00.000000Z"}],"folded":0,"label":"2026-10","retired":["parts/access_requests/date=2026-10-01/sorted-day-813bf34bcdb4bd90-000.parquet"],"rows_after":1,"rows_before":1,"tier":"month"}','9cbdd144594cba338d4a047dd7597f04082c33a2c65539326d75b25a68162228');
INSERT INTO "entries" VALUES(10,'compacted','2026-11-20T10:00:00.000000Z','9cbdd144594cba338d4a047dd7597f04082c33a2c65539326d75b25a68162228','{"dataset":"http_requests","files":[{"bytes":26732,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-0d2bd7f415516737-000.parquet","rows":4,"sha256":"2fdad1d03c4317bedcf77877feef83a61a6994e70c6d60911804aae777f80cd5","time_max":"2026-10-02T09:05:07.123456Z","time_min":"2026-10-01T09:01:07.123456Z"},{"bytes":26495,"dataset":"http_requests","day":"2026-10","path":"parts/http_requests/month=2026-10/sorted-month-0d2bd7f415516737-001.parquet","rows":2,"sha256":"cc27831abbb0b5970bd8f8f285386f0f78e5c31c84d23b6c8214e0301bdd1bcb","time_max":"2026-10-02T09:06:07.123456Z","time_min":"2026-10-01T09:03:07.123456Z"}],"folded":0,"label":"2026-10","retired":["parts/http_requests/date=2026-10-01/sorted-day-ccf300d8ba43f7be-000.parquet","parts/http_requests/date=2026-10-01/sorted-day-ccf300d8ba43f7be-001.parquet","parts/http_requests/date=2026-10-02/sorted-day-33a2f953a8220c4b-000.parquet","parts/http_requests/date=2026-10-02/sorted-day-33a2f953a8220c4b-001.parquet"],"rows_after":6,"rows_before":6,"tier":"month"}','f09616232b0c5a84c23098028398d494b4bf21d7b00ff75389b7735ade42cf55');
INSERT INTO "entries" VALUES(11,'retired','2026-11-20T10:00:00.000000Z','f09616232b0c5a84c23098028398d494b4bf21d7b00ff75389b7735ade42cf55','{"dataset":"access_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[3],"raw_bytes":252,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','367400265ae12a69156b99fc215757de3676e7932fb7ec8b163a5267be3e37b9');
INSERT INTO "entries" VALUES(12,'retired','2026-11-20T10:00:00.000000Z','367400265ae12a69156b99fc215757de3676e7932fb7ec8b163a5267be3e37b9','{"dataset":"http_requests","days":null,"files":[],"files_rewritten":0,"files_whole":0,"held_bodies":{},"held_rows":{},"raw_batches":[1,2],"raw_bytes":559,"retired":[],"rows_after":0,"rows_before":0,"rows_removed":0,"stray_files":0}','ed75095609326069cc98de2ffb24ba81c5def686931b1c22b9769433a02d0a5c');
INSERT INTO "entries" VALUES(13,'batch','2026-11-20T10:00:00.000000Z','ed75095609326069cc98de2ffb24ba81c5def686931b1c22b9769433a02d0a5c','{"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","body_bytes":261,"content":"blake3:3f9165776e9d387e00c1c25604e1c5735f27f286a791e5430202b71ffe50e80b","dataset":"http_requests","inflated_bytes":706,"raw_path":"raw/2026-11-20/de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','8e2cb119709797d1a2a395602b92938fd99fe9e9b1add3ee74990be7403ead00');
INSERT INTO "entries" VALUES(14,'batch','2026-11-20T10:00:00.000000Z','8e2cb119709797d1a2a395602b92938fd99fe9e9b1add3ee74990be7403ead00','{"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","body_bytes":279,"content":"blake3:34a7056097d16a4580b7feef971935775ddc0735154c93eb615c8b5343509d25","dataset":"http_requests","inflated_bytes":1036,"raw_path":"raw/2026-11-20/0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993.gz","reason":null,"received_at":"2026-11-20T10:00:00.000000Z"}','1c08a04fdede82927e6659d3023360e0ed8260436c849b3e1aba3aa09b66e629');
INSERT INTO "entries" VALUES(15,'loaded','2026-11-20T10:00:00.000000Z','1c08a04fdede82927e6659d3023360e0ed8260436c849b3e1aba3aa09b66e629','{"batches":[{"batch":13,"batch_id":"de01ef7c37181d032709f824fb87b291d40bd018bd9fe862527b611b11cf31fe","blank_lines":0,"decoder":"native","lines":2,"rejected_lines":0,"rows":2,"shape":"ndjson"},{"batch":14,"batch_id":"0e66bd58d34dca95fcb4f6fa67ab3764b7d7cfd832f420c83f58d8accc4b4993","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":0,"rows":3,"shape":"ndjson"}],"files":[{"bytes":23968,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03-97b93a65.parquet","rows":5,"sha256":"dceed44a479d3086e9589a1bf35f780c6ca6dc1f3b33ef25ce6943c25525b94e","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"}]}','7b3ab1a87b7d8987651b26c0c854abe3d5246fa53f4cd1cc7e267d3f01732e35');
INSERT INTO "entries" VALUES(16,'compacted','2026-11-20T10:00:00.000000Z','7b3ab1a87b7d8987651b26c0c854abe3d5246fa53f4cd1cc7e267d3f01732e35','{"dataset":"http_requests","files":[{"bytes":26325,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-0c021bac4b7241a6-000.parquet","rows":2,"sha256":"5eb42aac2c6765118feee65be551c10253d05d1bb3348e889fd06ccea44ca98d","time_max":"2026-11-19T09:08:07.123456Z","time_min":"2026-11-19T09:07:07.123456Z"},{"bytes":25976,"dataset":"http_requests","day":"2026-11-19","path":"parts/http_requests/date=2026-11-19/sorted-day-0c021bac4b7241a6-001.parquet","rows":1,"sha256":"805bf6c2f53c091c476c9311713b68e66489af2aa7dbb459b3451e04d2614311","time_max":"2026-11-19T09:09:07.123456Z","time_min":"2026-11-19T09:09:07.123456Z"}],"folded":2,"label":"2026-11-19","retired":["parts/http_requests/date=2026-11-19/000000000013-de01ef7c37181d03-97b93a65.parquet"],"rows_after":3,"rows_before":5,"tier":"day"}','81aac3071b4ea935019904587dc540ea399754e50d123b20cea6373af0886ca1');
INSERT INTO "entries" VALUES(17,'batch','2026-11-22T10:00:00.000000Z','81aac3071b4ea935019904587dc540ea399754e50d123b20cea6373af0886ca1','{"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","body_bytes":275,"content":"blake3:09b549ac98e068bb14a15b9e4f4736a260b4d5933ee0b208db9766e39d801129","dataset":"http_requests","inflated_bytes":718,"raw_path":"raw/2026-11-22/c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','23eb5af4b4de9d56d456b1d9c58eabd3487e8a8e4195b513557088b348432568');
INSERT INTO "entries" VALUES(18,'batch','2026-11-22T10:00:00.000000Z','23eb5af4b4de9d56d456b1d9c58eabd3487e8a8e4195b513557088b348432568','{"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","body_bytes":265,"content":"blake3:02f09270909d978e94aed9be4af8f873b7a32ff2777477d858d3e43aa1a4e9ba","dataset":"http_requests","inflated_bytes":659,"raw_path":"raw/2026-11-22/0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','31027400af8c840c30ee43c4687ef04a6919a7c773ecf23d4e35067d7097f1ac');
INSERT INTO "entries" VALUES(19,'batch','2026-11-22T10:00:00.000000Z','31027400af8c840c30ee43c4687ef04a6919a7c773ecf23d4e35067d7097f1ac','{"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","body_bytes":257,"content":"blake3:024ade464855e9dfb7d77be400e82db39d732b4c61d90b3eb323d47989a71b75","dataset":"access_requests","inflated_bytes":344,"raw_path":"raw/2026-11-22/6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20.gz","reason":null,"received_at":"2026-11-22T10:00:00.000000Z"}','77f73a997799168a035fbf441a06ec992e012d24d82b37dade28d7b6666f79b7');
INSERT INTO "entries" VALUES(20,'loaded','2026-11-22T10:00:00.000000Z','77f73a997799168a035fbf441a06ec992e012d24d82b37dade28d7b6666f79b7','{"batches":[{"batch":17,"batch_id":"c406e2661688df8aa75dd4e0b2fa5b9e2cdc0ef532c87159dd5ccc5e7f35ef0d","blank_lines":0,"decoder":"native","lines":3,"rejected_lines":1,"rows":2,"shape":"ndjson","unknown_members":2},{"batch":18,"batch_id":"0ddfedc7213e938c35383a26ce4ab1708e5b5e66542832017469fec9f79c1940","blank_lines":0,"decoder":"native","lines":2,"misfits":1,"rejected_lines":0,"rows":2,"shape":"ndjson"}],"files":[{"bytes":23971,"dataset":"http_requests","day":"2026-11-22","path":"parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a-dba516b7.parquet","rows":3,"sha256":"29ea23005b0ef00e562c19aadc226e38e4c24a6e1eb9782f27a69a54a78b3482","time_max":"2026-11-22T09:12:07.123456Z","time_min":"2026-11-22T09:10:07.123456Z"},{"bytes":1288,"dataset":"rejected","day":"2026-11-22","path":"parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a-dba516b7.parquet","rows":1,"sha256":"293e542409998fe0d52b23e0e244d3ae43aba52aca270ecaece44dd1cb46ac70","time_max":null,"time_min":null},{"bytes":23624,"dataset":"http_requests","day":"__other__","path":"parts/http_requests/date=__other__/000000000017-c406e2661688df8a-dba516b7.parquet","rows":1,"sha256":"aeb052ab690961e67406b03aad6ec79a954aaa8eab775573329dff8e49a32825","time_max":"1970-01-01T00:00:01.000000Z","time_min":"1970-01-01T00:00:01.000000Z"}]}','a254f8047abe829abb718580cb7a4c58fe893ca46885187008f20f4bc1473bec');
INSERT INTO "entries" VALUES(21,'loaded','2026-11-22T10:00:00.000000Z','a254f8047abe829abb718580cb7a4c58fe893ca46885187008f20f4bc1473bec','{"batches":[{"batch":19,"batch_id":"6ab273a68130001f058c3d054d3200b8cec20614fd51109b9ec43a247a2aea20","blank_lines":0,"decoder":"native","lines":1,"rejected_lines":0,"rows":1,"shape":"ndjson"}],"files":[{"bytes":4635,"dataset":"access_requests","day":"2026-11-22","path":"parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f-6cf6739e.parquet","rows":1,"sha256":"60d2d2ad470051186f97c966a03c605a2d76943617e4cf931725fdb3a7125533","time_max":"2026-11-22T08:00:00.000000Z","time_min":"2026-11-22T08:00:00.000000Z"}]}','586fb1b650bf2ea892d798eaa2cd5c51fd2f27f238a1bda0f349e4718c09fa25');
INSERT INTO "entries" VALUES(22,'hold','2026-11-22T10:00:00.000000Z','586fb1b650bf2ea892d798eaa2cd5c51fd2f27f238a1bda0f349e4718c09fa25','{"criteria":{"user":"c3a882d5e09c73fa103b1a39f99576a6899fac0cde1d552a1814d608c10f920f"},"id":"80c9a7e72c99b053","reason":"case 1"}','6d5ee3a790a3c86d02c83ea30f95b6ab3399fed52337e5aadfefa445b641b485');
CREATE TABLE facts (
	name VARCHAR(32) NOT NULL, 
	value VARCHAR(64) NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "facts" VALUES('format','2');
INSERT INTO "facts" VALUES('ledger','begun');
CREATE TABLE fields (
	dataset VARCHAR(64) NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	field VARCHAR(100) NOT NULL, 
	times BIGINT NOT NULL, 
	first_batch BIGINT NOT NULL, 
	PRIMARY KEY (dataset, kind, field)
);
INSERT INTO "fields" VALUES('http_requests','unknown','Unheard',2,17);
INSERT INTO "fields" VALUES('http_requests','misfit','EdgeResponseStatus',1,18);
CREATE TABLE files (
	path VARCHAR(255) NOT NULL, 
	dataset VARCHAR(64) NOT NULL, 
	day VARCHAR(10) NOT NULL, 
	sha256 VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	rows BIGINT NOT NULL, 
	time_min VARCHAR(27), 
	time_max VARCHAR(27), 
	user_min TEXT, 
	user_max TEXT, 
	added_sequence BIGINT NOT NULL, 
	retired_sequence BIGINT, 
	columns VARCHAR(16), 
	format INTEGER, 
	tier VARCHAR(8), 
	folded BIGINT DEFAULT '0' NOT NULL, 
	probable BIGINT DEFAULT '0' NOT NULL, 
	number BIGINT, 
	PRIMARY KEY (path), 
	FOREIGN KEY(added_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(retired_sequence) REFERENCES entries (sequence)
);
INSERT INTO "files" VALUES('parts/access_requests/month=2026-10/sorted-month-562eb139c4c82ff1-000.parquet','access_requests','2026-10','c4726c4b05615a9ad91e55ae07b5c9a57ac83551601e90dd4816920dbf059fce',4614,1,'2026-10-01T08:00:00.000000Z','2026-10-01T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',9,NULL,'19d984c328fcad26',2,'month',0,0,589824);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-0d2bd7f415516737-000.parquet','http_requests','2026-10','2fdad1d03c4317bedcf77877feef83a61a6994e70c6d60911804aae777f80cd5',26732,4,'2026-10-01T09:01:07.123456Z','2026-10-02T09:05:07.123456Z','dora','srhea',10,NULL,'4dda6720002a6663',2,'month',0,0,655360);
INSERT INTO "files" VALUES('parts/http_requests/month=2026-10/sorted-month-0d2bd7f415516737-001.parquet','http_requests','2026-10','cc27831abbb0b5970bd8f8f285386f0f78e5c31c84d23b6c8214e0301bdd1bcb',26495,2,'2026-10-01T09:03:07.123456Z','2026-10-02T09:06:07.123456Z',NULL,NULL,10,NULL,'4dda6720002a6663',2,'month',0,0,655361);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-0c021bac4b7241a6-000.parquet','http_requests','2026-11-19','5eb42aac2c6765118feee65be551c10253d05d1bb3348e889fd06ccea44ca98d',26325,2,'2026-11-19T09:07:07.123456Z','2026-11-19T09:08:07.123456Z','ada','srhea',16,NULL,'4dda6720002a6663',2,'day',2,0,1048576);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-19/sorted-day-0c021bac4b7241a6-001.parquet','http_requests','2026-11-19','805bf6c2f53c091c476c9311713b68e66489af2aa7dbb459b3451e04d2614311',25976,1,'2026-11-19T09:09:07.123456Z','2026-11-19T09:09:07.123456Z',NULL,NULL,16,NULL,'4dda6720002a6663',2,'day',0,0,1048577);
INSERT INTO "files" VALUES('parts/http_requests/date=2026-11-22/000000000017-c406e2661688df8a-dba516b7.parquet','http_requests','2026-11-22','29ea23005b0ef00e562c19aadc226e38e4c24a6e1eb9782f27a69a54a78b3482',23971,3,'2026-11-22T09:10:07.123456Z','2026-11-22T09:12:07.123456Z','dora','srhea',20,NULL,'4b247bd9607f186e',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/rejected/date=2026-11-22/000000000017-c406e2661688df8a-dba516b7.parquet','rejected','2026-11-22','293e542409998fe0d52b23e0e244d3ae43aba52aca270ecaece44dd1cb46ac70',1288,1,NULL,NULL,NULL,NULL,20,NULL,'93059cb954c6f192',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/http_requests/date=__other__/000000000017-c406e2661688df8a-dba516b7.parquet','http_requests','__other__','aeb052ab690961e67406b03aad6ec79a954aaa8eab775573329dff8e49a32825',23624,1,'1970-01-01T00:00:01.000000Z','1970-01-01T00:00:01.000000Z','srhea','srhea',20,NULL,'4b247bd9607f186e',2,'part',0,0,NULL);
INSERT INTO "files" VALUES('parts/access_requests/date=2026-11-22/000000000019-6ab273a68130001f-6cf6739e.parquet','access_requests','2026-11-22','60d2d2ad470051186f97c966a03c605a2d76943617e4cf931725fdb3a7125533',4635,1,'2026-11-22T08:00:00.000000Z','2026-11-22T08:00:00.000000Z','srhea@widgetcorp.example','srhea@widgetcorp.example',21,NULL,'b806065e90e62069',2,'part',0,0,NULL);
CREATE TABLE holds (
	id VARCHAR(16) NOT NULL, 
	user TEXT, 
	host TEXT, 
	since VARCHAR(27), 
	until VARCHAR(27), 
	reason TEXT NOT NULL, 
	placed_sequence BIGINT NOT NULL, 
	released_sequence BIGINT, 
	release_reason TEXT, 
	PRIMARY KEY (id), 
	FOREIGN KEY(placed_sequence) REFERENCES entries (sequence), 
	FOREIGN KEY(released_sequence) REFERENCES entries (sequence)
);
INSERT INTO "holds" VALUES('80c9a7e72c99b053','dora',NULL,NULL,NULL,'case 1',22,NULL,NULL);
CREATE TABLE imports (
	uri VARCHAR(1024) NOT NULL, 
	asked VARCHAR(64) NOT NULL, 
	bytes BIGINT NOT NULL, 
	modified VARCHAR(40) NOT NULL, 
	imported_at VARCHAR(27) NOT NULL, 
	batches TEXT NOT NULL, 
	PRIMARY KEY (uri, asked)
);
CREATE TABLE marks (
	dataset VARCHAR(64) NOT NULL, 
	mark VARCHAR(32) NOT NULL, 
	sequence BIGINT NOT NULL, 
	PRIMARY KEY (dataset, mark)
);
CREATE TABLE people (
	who BIGINT NOT NULL, 
	file BIGINT NOT NULL, 
	PRIMARY KEY (who, file)
);
INSERT INTO "people" VALUES(8620372644912582709,589824);
INSERT INTO "people" VALUES(4814462654261809296,655360);
INSERT INTO "people" VALUES(7627744920348735416,655360);
INSERT INTO "people" VALUES(-149108013456861218,1048576);
INSERT INTO "people" VALUES(4814462654261809296,1048576);
CREATE TABLE refusals (
	sha256 VARCHAR(64) NOT NULL, 
	times INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	first_at VARCHAR(27) NOT NULL, 
	last_at VARCHAR(27) NOT NULL, 
	PRIMARY KEY (sha256)
);
CREATE TABLE removals (
	path VARCHAR(255) NOT NULL, 
	due_at VARCHAR(27) NOT NULL, 
	shown_until BIGINT, 
	PRIMARY KEY (path)
);
CREATE TABLE scrubs (
	number INTEGER NOT NULL, 
	started_at VARCHAR(27) NOT NULL, 
	ended_at VARCHAR(27), 
	after_path VARCHAR(255) NOT NULL, 
	files BIGINT NOT NULL, 
	bytes BIGINT NOT NULL, 
	unreadable BIGINT NOT NULL, 
	catalog_problem TEXT NOT NULL, 
	PRIMARY KEY (number)
);
CREATE INDEX people_by_file ON people (file);
CREATE INDEX removals_by_due_at ON removals (due_at);
CREATE INDEX marks_by_dataset_and_sequence ON marks (dataset, sequence);
CREATE INDEX batches_by_state ON batches (state, sequence);
CREATE INDEX batches_by_state_and_dataset ON batches (state, dataset, received_at);
CREATE INDEX batches_by_loaded_sequence ON batches (loaded_sequence);
CREATE INDEX batches_by_raw_path ON batches (raw_path);
CREATE INDEX batches_by_batch_id ON batches (batch_id);
CREATE INDEX batches_by_raw_retired_sequence ON batches (raw_retired_sequence, received_at);
CREATE INDEX files_by_dataset_and_day ON files (dataset, day);
CREATE INDEX files_by_retired_sequence ON files (retired_sequence);
CREATE INDEX files_by_added_sequence ON files (added_sequence);
CREATE INDEX coverage_by_dataset_and_hour ON coverage (dataset, hour);
CREATE INDEX canaries_by_sent_at ON canaries (sent_at);
COMMIT;
