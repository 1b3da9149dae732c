-- Brings LOAPI_OWNER from nothing to revision 0067, on Oracle 19c and later.
--
--     sqlplus LOAPI_MIGRATE[LOAPI_OWNER]@SERVICE @upgrade.sql
--
-- It has done its work where its last line of output says so. The exit status does not always tell:
-- it is the error's number modulo 256, which is 0 for ORA-01536 (quota).
--
-- Each step is one statement, which Oracle commits by itself, and the stamp of its revision. Where
-- a step fails, the script ends, and what is done stands. How far it came:
--
--     SELECT version_num FROM LOAPI_OWNER.alembic_version
--
-- 1. Mend the cause.
-- 2. Make the rest anew from the revision that you read, and run that:
--    loapi db script --output DIR --from REVISION
--    Where no revision is there yet, drop alembic_version and begin again.
-- 3. Where the first step says that its object is there (ORA-00955, ORA-01430), the session ended
--    between statement and stamp. Compare the object with the step, run the step's stamp alone, and
--    go on with 2.

WHENEVER SQLERROR EXIT SQL.SQLCODE ROLLBACK
WHENEVER OSERROR EXIT FAILURE ROLLBACK
SET ECHO OFF
SET DEFINE OFF
SET SQLBLANKLINES ON
ALTER SESSION SET CURRENT_SCHEMA = LOAPI_OWNER;
ALTER SESSION SET DDL_LOCK_TIMEOUT = 30;

CREATE TABLE alembic_version (
    version_num VARCHAR2(32 CHAR) NOT NULL,
    CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

PROMPT 0001: Create the table audit_record.
CREATE TABLE audit_record (
    id RAW(16) NOT NULL,
    schema_version NUMBER(10, 0) NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    outcome VARCHAR2(30 CHAR) NOT NULL,
    reason VARCHAR2(60 CHAR),
    client_id VARCHAR2(60 CHAR),
    key_id VARCHAR2(60 CHAR),
    token_id VARCHAR2(128 CHAR),
    user_id VARCHAR2(40 CHAR),
    proof VARCHAR2(30 CHAR),
    location_id NUMBER(19, 0),
    request_id VARCHAR2(64 CHAR) NOT NULL,
    trace_id VARCHAR2(32 CHAR),
    address VARCHAR2(45 CHAR),
    http_method VARCHAR2(10 CHAR),
    route VARCHAR2(200 CHAR),
    action VARCHAR2(60 CHAR) NOT NULL,
    entities CLOB NOT NULL,
    filters CLOB,
    like_requests NUMBER(10, 0) NOT NULL,
    changes CLOB NOT NULL,
    CONSTRAINT pk_audit_record PRIMARY KEY (id),
    CONSTRAINT ck_audit_record_entities CHECK (entities IS JSON),
    CONSTRAINT ck_audit_record_filters CHECK (filters IS JSON),
    CONSTRAINT ck_audit_record_changes CHECK (changes IS JSON)
);
INSERT INTO alembic_version (version_num) VALUES ('0001');
COMMIT;

PROMPT 0002: Create the table audit_term.
CREATE TABLE audit_term (
    term VARCHAR2(200 CHAR) NOT NULL,
    record_id RAW(16) NOT NULL,
    CONSTRAINT pk_audit_term PRIMARY KEY (term, record_id)
);
UPDATE alembic_version SET version_num = '0002' WHERE version_num = '0001';
COMMIT;

PROMPT 0003: Create the table client.
CREATE TABLE client (
    client_id VARCHAR2(60 CHAR) NOT NULL,
    scopes CLOB NOT NULL,
    proof_mode VARCHAR2(30 CHAR) NOT NULL,
    replay VARCHAR2(30 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_client PRIMARY KEY (client_id),
    CONSTRAINT ck_client_scopes CHECK (scopes IS JSON)
);
UPDATE alembic_version SET version_num = '0003' WHERE version_num = '0002';
COMMIT;

PROMPT 0004: Create the table client_key.
CREATE TABLE client_key (
    key_id VARCHAR2(60 CHAR) NOT NULL,
    client_id VARCHAR2(60 CHAR) NOT NULL,
    algorithm VARCHAR2(10 CHAR) NOT NULL,
    sealed VARCHAR2(4000 CHAR) NOT NULL,
    state VARCHAR2(30 CHAR) NOT NULL,
    retires_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_client_key PRIMARY KEY (key_id)
);
UPDATE alembic_version SET version_num = '0004' WHERE version_num = '0003';
COMMIT;

PROMPT 0005: Create the index ix_client_key_client.
CREATE INDEX ix_client_key_client ON client_key (client_id);
UPDATE alembic_version SET version_num = '0005' WHERE version_num = '0004';
COMMIT;

PROMPT 0006: Create the table country.
CREATE TABLE country (
    alpha2 VARCHAR2(2 CHAR) NOT NULL,
    alpha3 VARCHAR2(3 CHAR) NOT NULL,
    numeric_code VARCHAR2(3 CHAR) NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    display_name VARCHAR2(200 CHAR) NOT NULL,
    officially_assigned NUMBER(1, 0) NOT NULL,
    active NUMBER(1, 0) NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_country PRIMARY KEY (alpha2),
    CONSTRAINT ck_country_officially_assigned CHECK (officially_assigned IN (0, 1)),
    CONSTRAINT ck_country_active CHECK (active IN (0, 1))
);
UPDATE alembic_version SET version_num = '0006' WHERE version_num = '0005';
COMMIT;

PROMPT 0007: Create the index ix_country_active.
CREATE INDEX ix_country_active ON country (active);
UPDATE alembic_version SET version_num = '0007' WHERE version_num = '0006';
COMMIT;

PROMPT 0008: Create the index ix_country_alpha3.
CREATE INDEX ix_country_alpha3 ON country (alpha3);
UPDATE alembic_version SET version_num = '0008' WHERE version_num = '0007';
COMMIT;

PROMPT 0009: Create the index ix_country_name.
CREATE INDEX ix_country_name ON country (name);
UPDATE alembic_version SET version_num = '0009' WHERE version_num = '0008';
COMMIT;

PROMPT 0010: Create the index ix_country_numeric.
CREATE INDEX ix_country_numeric ON country (numeric_code);
UPDATE alembic_version SET version_num = '0010' WHERE version_num = '0009';
COMMIT;

PROMPT 0011: Create the table franchise.
CREATE TABLE franchise (
    code VARCHAR2(80 CHAR) NOT NULL,
    sba_code VARCHAR2(10 CHAR),
    brand VARCHAR2(200 CHAR) NOT NULL,
    meets_ftc_definition NUMBER(1, 0) NOT NULL,
    certification_status VARCHAR2(30 CHAR) NOT NULL,
    addendum_required NUMBER(1, 0) NOT NULL,
    addendum_type VARCHAR2(30 CHAR) NOT NULL,
    code_start_date DATE,
    notes VARCHAR2(1000 CHAR),
    active NUMBER(1, 0) NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_franchise PRIMARY KEY (code),
    CONSTRAINT ck_franchise_meets_ftc_definit CHECK (meets_ftc_definition IN (0, 1)),
    CONSTRAINT ck_franchise_addendum_required CHECK (addendum_required IN (0, 1)),
    CONSTRAINT ck_franchise_active CHECK (active IN (0, 1)),
    CONSTRAINT ck_franchise_code_start_date CHECK (code_start_date = TRUNC(code_start_date))
);
UPDATE alembic_version SET version_num = '0011' WHERE version_num = '0010';
COMMIT;

PROMPT 0012: Create the index ix_franchise_active.
CREATE INDEX ix_franchise_active ON franchise (active);
UPDATE alembic_version SET version_num = '0012' WHERE version_num = '0011';
COMMIT;

PROMPT 0013: Create the index ix_franchise_brand.
CREATE INDEX ix_franchise_brand ON franchise (brand, code);
UPDATE alembic_version SET version_num = '0013' WHERE version_num = '0012';
COMMIT;

PROMPT 0014: Create the index ix_franchise_sba_code.
CREATE INDEX ix_franchise_sba_code ON franchise (sba_code);
UPDATE alembic_version SET version_num = '0014' WHERE version_num = '0013';
COMMIT;

PROMPT 0015: Create the table holiday.
CREATE TABLE holiday (
    code VARCHAR2(40 CHAR) NOT NULL,
    calendar VARCHAR2(30 CHAR) NOT NULL,
    holiday_date DATE NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    observed NUMBER(1, 0) NOT NULL,
    actual_date DATE NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_holiday PRIMARY KEY (code),
    CONSTRAINT ck_holiday_observed CHECK (observed IN (0, 1)),
    CONSTRAINT ck_holiday_holiday_date CHECK (holiday_date = TRUNC(holiday_date)),
    CONSTRAINT ck_holiday_actual_date CHECK (actual_date = TRUNC(actual_date))
);
UPDATE alembic_version SET version_num = '0015' WHERE version_num = '0014';
COMMIT;

PROMPT 0016: Create the index ix_holiday_calendar.
CREATE INDEX ix_holiday_calendar ON holiday (calendar, holiday_date);
UPDATE alembic_version SET version_num = '0016' WHERE version_num = '0015';
COMMIT;

PROMPT 0017: Create the index ix_holiday_date.
CREATE INDEX ix_holiday_date ON holiday (holiday_date, code);
UPDATE alembic_version SET version_num = '0017' WHERE version_num = '0016';
COMMIT;

PROMPT 0018: Create the table journal.
CREATE TABLE journal (
    record_id RAW(16) NOT NULL,
    body CLOB,
    CONSTRAINT pk_journal PRIMARY KEY (record_id),
    CONSTRAINT ck_journal_body CHECK (body IS JSON)
);
UPDATE alembic_version SET version_num = '0018' WHERE version_num = '0017';
COMMIT;

PROMPT 0019: Create the table kept_answer.
CREATE TABLE kept_answer (
    client_id VARCHAR2(60 CHAR) NOT NULL,
    idempotency_key VARCHAR2(255 CHAR) NOT NULL,
    fingerprint RAW(32) NOT NULL,
    kind VARCHAR2(60 CHAR),
    answer CLOB,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_kept_answer PRIMARY KEY (client_id, idempotency_key),
    CONSTRAINT ck_kept_answer_answer CHECK (answer IS JSON)
);
UPDATE alembic_version SET version_num = '0019' WHERE version_num = '0018';
COMMIT;

PROMPT 0020: Create the index ix_kept_answer_expires.
CREATE INDEX ix_kept_answer_expires ON kept_answer (expires_at);
UPDATE alembic_version SET version_num = '0020' WHERE version_num = '0019';
COMMIT;

PROMPT 0021: Create the table lease.
CREATE TABLE lease (
    name VARCHAR2(40 CHAR) NOT NULL,
    holder VARCHAR2(100 CHAR) NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_lease PRIMARY KEY (name)
);
UPDATE alembic_version SET version_num = '0021' WHERE version_num = '0020';
COMMIT;

PROMPT 0022: Create the table loan.
CREATE TABLE loan (
    loan_number VARCHAR2(10 CHAR) NOT NULL,
    location_id NUMBER(19, 0) NOT NULL,
    program VARCHAR2(30 CHAR) NOT NULL,
    borrower_name VARCHAR2(200 CHAR) NOT NULL,
    status VARCHAR2(30 CHAR) NOT NULL,
    principal NUMBER(19, 2) NOT NULL,
    annual_rate NUMBER(9, 6) NOT NULL,
    day_count VARCHAR2(30 CHAR) NOT NULL,
    interest_paid_through DATE NOT NULL,
    fees CLOB NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_loan PRIMARY KEY (loan_number),
    CONSTRAINT ck_loan_interest_paid_through CHECK (interest_paid_through = TRUNC(interest_paid_through)),
    CONSTRAINT ck_loan_fees CHECK (fees IS JSON)
);
UPDATE alembic_version SET version_num = '0022' WHERE version_num = '0021';
COMMIT;

PROMPT 0023: Create the index ix_loan_location.
CREATE INDEX ix_loan_location ON loan (location_id, loan_number);
UPDATE alembic_version SET version_num = '0023' WHERE version_num = '0022';
COMMIT;

PROMPT 0024: Create the table location.
CREATE TABLE location (
    location_id NUMBER(19, 0) NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    partner_id NUMBER(19, 0) NOT NULL,
    partner_name VARCHAR2(200 CHAR) NOT NULL,
    partner_type VARCHAR2(30 CHAR) NOT NULL,
    type VARCHAR2(30 CHAR) NOT NULL,
    fdic_certificate VARCHAR2(20 CHAR),
    ncua_charter VARCHAR2(20 CHAR),
    address CLOB NOT NULL,
    phone VARCHAR2(40 CHAR),
    status VARCHAR2(30 CHAR) NOT NULL,
    start_date DATE,
    end_date DATE,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_location PRIMARY KEY (location_id),
    CONSTRAINT ck_location_start_date CHECK (start_date = TRUNC(start_date)),
    CONSTRAINT ck_location_end_date CHECK (end_date = TRUNC(end_date)),
    CONSTRAINT ck_location_address CHECK (address IS JSON)
);
UPDATE alembic_version SET version_num = '0024' WHERE version_num = '0023';
COMMIT;

PROMPT 0025: Create the index ix_location_name.
CREATE INDEX ix_location_name ON location (name);
UPDATE alembic_version SET version_num = '0025' WHERE version_num = '0024';
COMMIT;

PROMPT 0026: Create the index ix_location_partner.
CREATE INDEX ix_location_partner ON location (partner_id);
UPDATE alembic_version SET version_num = '0026' WHERE version_num = '0025';
COMMIT;

PROMPT 0027: Create the index ix_location_status.
CREATE INDEX ix_location_status ON location (status);
UPDATE alembic_version SET version_num = '0027' WHERE version_num = '0026';
COMMIT;

PROMPT 0028: Create the table naics_code.
CREATE TABLE naics_code (
    code VARCHAR2(6 CHAR) NOT NULL,
    title VARCHAR2(300 CHAR) NOT NULL,
    code_level VARCHAR2(30 CHAR) NOT NULL,
    parent_code VARCHAR2(6 CHAR),
    sector_code VARCHAR2(6 CHAR) NOT NULL,
    naics_year NUMBER(10, 0) NOT NULL,
    active NUMBER(1, 0) NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_naics_code PRIMARY KEY (code),
    CONSTRAINT ck_naics_code_active CHECK (active IN (0, 1))
);
UPDATE alembic_version SET version_num = '0028' WHERE version_num = '0027';
COMMIT;

PROMPT 0029: Create the index ix_naics_code_active.
CREATE INDEX ix_naics_code_active ON naics_code (active, code);
UPDATE alembic_version SET version_num = '0029' WHERE version_num = '0028';
COMMIT;

PROMPT 0030: Create the index ix_naics_code_level.
CREATE INDEX ix_naics_code_level ON naics_code (code_level, code);
UPDATE alembic_version SET version_num = '0030' WHERE version_num = '0029';
COMMIT;

PROMPT 0031: Create the index ix_naics_code_parent.
CREATE INDEX ix_naics_code_parent ON naics_code (parent_code, code);
UPDATE alembic_version SET version_num = '0031' WHERE version_num = '0030';
COMMIT;

PROMPT 0032: Create the index ix_naics_code_sector.
CREATE INDEX ix_naics_code_sector ON naics_code (sector_code, code);
UPDATE alembic_version SET version_num = '0032' WHERE version_num = '0031';
COMMIT;

PROMPT 0033: Create the index ix_naics_code_year.
CREATE INDEX ix_naics_code_year ON naics_code (naics_year, code);
UPDATE alembic_version SET version_num = '0033' WHERE version_num = '0032';
COMMIT;

PROMPT 0034: Create the table named_resource.
CREATE TABLE named_resource (
    id RAW(16) NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    description VARCHAR2(1000 CHAR),
    attributes CLOB NOT NULL,
    client_id VARCHAR2(60 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_named_resource PRIMARY KEY (id),
    CONSTRAINT ck_named_resource_attributes CHECK (attributes IS JSON)
);
UPDATE alembic_version SET version_num = '0034' WHERE version_num = '0033';
COMMIT;

PROMPT 0035: Create the index ix_named_resource_client.
CREATE INDEX ix_named_resource_client ON named_resource (client_id, created_at, id);
UPDATE alembic_version SET version_num = '0035' WHERE version_num = '0034';
COMMIT;

PROMPT 0036: Create the index ix_named_resource_created.
CREATE INDEX ix_named_resource_created ON named_resource (created_at, id);
UPDATE alembic_version SET version_num = '0036' WHERE version_num = '0035';
COMMIT;

PROMPT 0037: Create the index ix_named_resource_name.
CREATE INDEX ix_named_resource_name ON named_resource (name);
UPDATE alembic_version SET version_num = '0037' WHERE version_num = '0036';
COMMIT;

PROMPT 0038: Create the table payoff.
CREATE TABLE payoff (
    id RAW(16) NOT NULL,
    loan_number VARCHAR2(10 CHAR) NOT NULL,
    payoff_date DATE NOT NULL,
    reason VARCHAR2(30 CHAR) NOT NULL,
    voluntary NUMBER(1, 0) NOT NULL,
    requester CLOB NOT NULL,
    comments VARCHAR2(1000 CHAR),
    status VARCHAR2(30 CHAR) NOT NULL,
    quote_type VARCHAR2(30 CHAR) NOT NULL,
    program VARCHAR2(30 CHAR) NOT NULL,
    location_id NUMBER(19, 0) NOT NULL,
    good_through_date DATE NOT NULL,
    rolled NUMBER(1, 0) NOT NULL,
    roll_reason VARCHAR2(200 CHAR),
    wire_cutoff TIMESTAMP NOT NULL,
    principal NUMBER(19, 2) NOT NULL,
    annual_rate NUMBER(9, 6) NOT NULL,
    day_count VARCHAR2(30 CHAR) NOT NULL,
    interest_paid_through DATE NOT NULL,
    days NUMBER(10, 0) NOT NULL,
    per_diem NUMBER(19, 5) NOT NULL,
    accrued_interest NUMBER(19, 2) NOT NULL,
    fees CLOB NOT NULL,
    total NUMBER(19, 2) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    warnings CLOB NOT NULL,
    client_id VARCHAR2(60 CHAR) NOT NULL,
    created_by VARCHAR2(40 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_payoff PRIMARY KEY (id),
    CONSTRAINT ck_payoff_voluntary CHECK (voluntary IN (0, 1)),
    CONSTRAINT ck_payoff_rolled CHECK (rolled IN (0, 1)),
    CONSTRAINT ck_payoff_payoff_date CHECK (payoff_date = TRUNC(payoff_date)),
    CONSTRAINT ck_payoff_good_through_date CHECK (good_through_date = TRUNC(good_through_date)),
    CONSTRAINT ck_payoff_interest_paid_throug CHECK (interest_paid_through = TRUNC(interest_paid_through)),
    CONSTRAINT ck_payoff_requester CHECK (requester IS JSON),
    CONSTRAINT ck_payoff_fees CHECK (fees IS JSON),
    CONSTRAINT ck_payoff_warnings CHECK (warnings IS JSON)
);
UPDATE alembic_version SET version_num = '0038' WHERE version_num = '0037';
COMMIT;

PROMPT 0039: Create the index ix_payoff_created.
CREATE INDEX ix_payoff_created ON payoff (created_at, id);
UPDATE alembic_version SET version_num = '0039' WHERE version_num = '0038';
COMMIT;

PROMPT 0040: Create the index ix_payoff_date.
CREATE INDEX ix_payoff_date ON payoff (payoff_date, id);
UPDATE alembic_version SET version_num = '0040' WHERE version_num = '0039';
COMMIT;

PROMPT 0041: Create the index ix_payoff_loan.
CREATE INDEX ix_payoff_loan ON payoff (loan_number);
UPDATE alembic_version SET version_num = '0041' WHERE version_num = '0040';
COMMIT;

PROMPT 0042: Create the index ix_payoff_location.
CREATE INDEX ix_payoff_location ON payoff (location_id, created_at, id);
UPDATE alembic_version SET version_num = '0042' WHERE version_num = '0041';
COMMIT;

PROMPT 0043: Create the index ix_payoff_status.
CREATE INDEX ix_payoff_status ON payoff (status, created_at);
UPDATE alembic_version SET version_num = '0043' WHERE version_num = '0042';
COMMIT;

PROMPT 0044: Create the index uq_payoff_open.
CREATE UNIQUE INDEX uq_payoff_open ON payoff (CASE WHEN status IN ('requested', 'quoted', 'accepted', 'funds_received', 'failed') THEN loan_number END);
UPDATE alembic_version SET version_num = '0044' WHERE version_num = '0043';
COMMIT;

PROMPT 0045: Create the table spent_token.
CREATE TABLE spent_token (
    client_id VARCHAR2(60 CHAR) NOT NULL,
    token_id VARCHAR2(128 CHAR) NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_spent_token PRIMARY KEY (client_id, token_id)
);
UPDATE alembic_version SET version_num = '0045' WHERE version_num = '0044';
COMMIT;

PROMPT 0046: Create the index ix_spent_token_expires.
CREATE INDEX ix_spent_token_expires ON spent_token (expires_at);
UPDATE alembic_version SET version_num = '0046' WHERE version_num = '0045';
COMMIT;

PROMPT 0047: Create the table user_account.
CREATE TABLE user_account (
    user_id VARCHAR2(40 CHAR) NOT NULL,
    oidc_subject VARCHAR2(200 CHAR),
    login VARCHAR2(200 CHAR) NOT NULL,
    first_name VARCHAR2(200 CHAR) NOT NULL,
    middle_name VARCHAR2(200 CHAR),
    last_name VARCHAR2(200 CHAR) NOT NULL,
    email VARCHAR2(254 CHAR) NOT NULL,
    phone VARCHAR2(40 CHAR),
    user_type VARCHAR2(30 CHAR) NOT NULL,
    status VARCHAR2(30 CHAR) NOT NULL,
    last_login_at TIMESTAMP,
    recertified_at TIMESTAMP,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_user_account PRIMARY KEY (user_id)
);
UPDATE alembic_version SET version_num = '0047' WHERE version_num = '0046';
COMMIT;

PROMPT 0048: Create the index ix_user_account_email.
CREATE INDEX ix_user_account_email ON user_account (email);
UPDATE alembic_version SET version_num = '0048' WHERE version_num = '0047';
COMMIT;

PROMPT 0049: Create the index ix_user_account_last_name.
CREATE INDEX ix_user_account_last_name ON user_account (last_name, user_id);
UPDATE alembic_version SET version_num = '0049' WHERE version_num = '0048';
COMMIT;

PROMPT 0050: Create the index ix_user_account_login.
CREATE INDEX ix_user_account_login ON user_account (login);
UPDATE alembic_version SET version_num = '0050' WHERE version_num = '0049';
COMMIT;

PROMPT 0051: Create the index ix_user_account_status.
CREATE INDEX ix_user_account_status ON user_account (status);
UPDATE alembic_version SET version_num = '0051' WHERE version_num = '0050';
COMMIT;

PROMPT 0052: Create the table user_location.
CREATE TABLE user_location (
    user_id VARCHAR2(40 CHAR) NOT NULL,
    location_id NUMBER(19, 0) NOT NULL,
    roles CLOB NOT NULL,
    is_primary NUMBER(1, 0) NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_user_location PRIMARY KEY (user_id, location_id),
    CONSTRAINT ck_user_location_is_primary CHECK (is_primary IN (0, 1)),
    CONSTRAINT ck_user_location_roles CHECK (roles IS JSON)
);
UPDATE alembic_version SET version_num = '0052' WHERE version_num = '0051';
COMMIT;

PROMPT 0053: Create the index ix_user_location_location.
CREATE INDEX ix_user_location_location ON user_location (location_id, user_id);
UPDATE alembic_version SET version_num = '0053' WHERE version_num = '0052';
COMMIT;

PROMPT 0054: Create the table audit_leaf.
CREATE TABLE audit_leaf (
    log_index NUMBER(19, 0) NOT NULL,
    record_id RAW(16) NOT NULL,
    leaf_hash RAW(32) NOT NULL,
    CONSTRAINT pk_audit_leaf PRIMARY KEY (log_index),
    CONSTRAINT uq_audit_leaf_record_id UNIQUE (record_id)
);
UPDATE alembic_version SET version_num = '0054' WHERE version_num = '0053';
COMMIT;

PROMPT 0055: Create the table audit_tree.
CREATE TABLE audit_tree (
    name VARCHAR2(40 CHAR) NOT NULL,
    tree_size NUMBER(19, 0) NOT NULL,
    frontier RAW(2000) NOT NULL,
    CONSTRAINT pk_audit_tree PRIMARY KEY (name)
);
UPDATE alembic_version SET version_num = '0055' WHERE version_num = '0054';
COMMIT;

PROMPT 0056: Create the table audit_checkpoint.
CREATE TABLE audit_checkpoint (
    tree_size NUMBER(19, 0) NOT NULL,
    note VARCHAR2(1000 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_audit_checkpoint PRIMARY KEY (tree_size)
);
UPDATE alembic_version SET version_num = '0056' WHERE version_num = '0055';
COMMIT;

PROMPT 0057: Create the index ix_user_account_oidc_subject.
CREATE INDEX ix_user_account_oidc_subject ON user_account (oidc_subject);
UPDATE alembic_version SET version_num = '0057' WHERE version_num = '0056';
COMMIT;

PROMPT 0058: Add the column client.rate_limits.
ALTER TABLE client ADD rate_limits CLOB DEFAULT '[]' NOT NULL CONSTRAINT ck_client_rate_limits CHECK (rate_limits IS JSON);
UPDATE alembic_version SET version_num = '0058' WHERE version_num = '0057';
COMMIT;

PROMPT 0059: Create the table dataset.
CREATE TABLE dataset (
    name VARCHAR2(60 CHAR) NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_dataset PRIMARY KEY (name)
);
UPDATE alembic_version SET version_num = '0059' WHERE version_num = '0058';
COMMIT;

PROMPT 0060: Create the table client_key_use.
CREATE TABLE client_key_use (
    key_id VARCHAR2(60 CHAR) NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_client_key_use PRIMARY KEY (key_id)
);
UPDATE alembic_version SET version_num = '0060' WHERE version_num = '0059';
COMMIT;

PROMPT 0061: Add the column loan.terms.
ALTER TABLE loan ADD terms CLOB CONSTRAINT ck_loan_terms CHECK (terms IS JSON);
UPDATE alembic_version SET version_num = '0061' WHERE version_num = '0060';
COMMIT;

PROMPT 0062: Add the column location.notice_days.
ALTER TABLE location ADD notice_days NUMBER(10, 0);
UPDATE alembic_version SET version_num = '0062' WHERE version_num = '0061';
COMMIT;

PROMPT 0063: Add the column payoff.notice_date.
ALTER TABLE payoff ADD notice_date DATE CONSTRAINT ck_payoff_notice_date CHECK (notice_date = TRUNC(notice_date));
UPDATE alembic_version SET version_num = '0063' WHERE version_num = '0062';
COMMIT;

PROMPT 0064: Add the column payoff.interest_to.
ALTER TABLE payoff ADD interest_to DATE CONSTRAINT ck_payoff_interest_to CHECK (interest_to = TRUNC(interest_to));
UPDATE alembic_version SET version_num = '0064' WHERE version_num = '0063';
COMMIT;

PROMPT 0065: Add the column payoff.source.
ALTER TABLE payoff ADD source VARCHAR2(60 CHAR);
UPDATE alembic_version SET version_num = '0065' WHERE version_num = '0064';
COMMIT;

PROMPT 0066: Create the index ix_payoff_location_date.
CREATE INDEX ix_payoff_location_date ON payoff (location_id, payoff_date, id);
UPDATE alembic_version SET version_num = '0066' WHERE version_num = '0065';
COMMIT;

PROMPT 0067: Create the index ix_named_resource_own_name.
CREATE INDEX ix_named_resource_own_name ON named_resource (client_id, name, id);
UPDATE alembic_version SET version_num = '0067' WHERE version_num = '0066';
COMMIT;

COMMIT;
PROMPT loapi: LOAPI_OWNER is at revision 0067.
