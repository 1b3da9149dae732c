-- The tables on Oracle, 19c and 23ai alike, as adapters/sql/tables.py declares them.
-- To write this file anew: LOAPI_TEST_REFRESH_SNAPSHOTS=1 uv run pytest tests/architecture/test_oracle_statements.py

CREATE INDEX ix_client_key_client ON client_key (client_id);

CREATE INDEX ix_country_active ON country (active);

CREATE INDEX ix_country_alpha3 ON country (alpha3);

CREATE INDEX ix_country_name ON country (name);

CREATE INDEX ix_country_numeric ON country (numeric_code);

CREATE INDEX ix_franchise_active ON franchise (active);

CREATE INDEX ix_franchise_brand ON franchise (brand, code);

CREATE INDEX ix_franchise_sba_code ON franchise (sba_code);

CREATE INDEX ix_holiday_calendar ON holiday (calendar, holiday_date);

CREATE INDEX ix_holiday_date ON holiday (holiday_date, code);

CREATE INDEX ix_kept_answer_expires ON kept_answer (expires_at);

CREATE INDEX ix_loan_location ON loan (location_id, loan_number);

CREATE INDEX ix_location_name ON location (name);

CREATE INDEX ix_location_partner ON location (partner_id);

CREATE INDEX ix_location_status ON location (status);

CREATE INDEX ix_naics_code_active ON naics_code (active, code);

CREATE INDEX ix_naics_code_level ON naics_code (code_level, code);

CREATE INDEX ix_naics_code_parent ON naics_code (parent_code, code);

CREATE INDEX ix_naics_code_sector ON naics_code (sector_code, code);

CREATE INDEX ix_naics_code_year ON naics_code (naics_year, code);

CREATE INDEX ix_named_resource_client ON named_resource (client_id, created_at, id);

CREATE INDEX ix_named_resource_created ON named_resource (created_at, id);

CREATE INDEX ix_named_resource_name ON named_resource (name);

CREATE INDEX ix_named_resource_own_name ON named_resource (client_id, name, id);

CREATE INDEX ix_payoff_created ON payoff (created_at, id);

CREATE INDEX ix_payoff_date ON payoff (payoff_date, id);

CREATE INDEX ix_payoff_loan ON payoff (loan_number);

CREATE INDEX ix_payoff_location ON payoff (location_id, created_at, id);

CREATE INDEX ix_payoff_location_date ON payoff (location_id, payoff_date, id);

CREATE INDEX ix_payoff_status ON payoff (status, created_at);

CREATE INDEX ix_spent_token_expires ON spent_token (expires_at);

CREATE INDEX ix_user_account_email ON user_account (email);

CREATE INDEX ix_user_account_last_name ON user_account (last_name, user_id);

CREATE INDEX ix_user_account_login ON user_account (login);

CREATE INDEX ix_user_account_oidc_subject ON user_account (oidc_subject);

CREATE INDEX ix_user_account_status ON user_account (status);

CREATE INDEX ix_user_location_location ON user_location (location_id, user_id);

CREATE TABLE audit_checkpoint (
    tree_size NUMBER(19, 0) NOT NULL,
    note VARCHAR2(1000 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_audit_checkpoint PRIMARY KEY (tree_size)
);

CREATE TABLE audit_leaf (
    log_index NUMBER(19, 0) NOT NULL,
    record_id RAW(16) NOT NULL,
    leaf_hash RAW(32) NOT NULL,
    CONSTRAINT pk_audit_leaf PRIMARY KEY (log_index),
    CONSTRAINT uq_audit_leaf_record_id UNIQUE (record_id)
);

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

CREATE TABLE audit_term (
    term VARCHAR2(200 CHAR) NOT NULL,
    record_id RAW(16) NOT NULL,
    CONSTRAINT pk_audit_term PRIMARY KEY (term, record_id)
);

CREATE TABLE audit_tree (
    name VARCHAR2(40 CHAR) NOT NULL,
    tree_size NUMBER(19, 0) NOT NULL,
    frontier RAW(2000) NOT NULL,
    CONSTRAINT pk_audit_tree PRIMARY KEY (name)
);

CREATE TABLE client (
    client_id VARCHAR2(60 CHAR) NOT NULL,
    scopes CLOB NOT NULL,
    proof_mode VARCHAR2(30 CHAR) NOT NULL,
    replay VARCHAR2(30 CHAR) NOT NULL,
    rate_limits CLOB NOT NULL,
    created_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_client PRIMARY KEY (client_id),
    CONSTRAINT ck_client_scopes CHECK (scopes IS JSON),
    CONSTRAINT ck_client_rate_limits CHECK (rate_limits IS JSON)
);

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

CREATE TABLE client_key_use (
    key_id VARCHAR2(60 CHAR) NOT NULL,
    last_used_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_client_key_use PRIMARY KEY (key_id)
);

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

CREATE TABLE dataset (
    name VARCHAR2(60 CHAR) NOT NULL,
    imported_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_dataset PRIMARY KEY (name)
);

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
    CONSTRAINT ck_franchise_code_start_date CHECK (code_start_date = TRUNC(code_start_date)),
    CONSTRAINT ck_franchise_active CHECK (active IN (0, 1))
);

CREATE TABLE holiday (
    code VARCHAR2(40 CHAR) NOT NULL,
    calendar VARCHAR2(30 CHAR) NOT NULL,
    holiday_date DATE NOT NULL,
    name VARCHAR2(200 CHAR) NOT NULL,
    observed NUMBER(1, 0) NOT NULL,
    actual_date DATE NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_holiday PRIMARY KEY (code),
    CONSTRAINT ck_holiday_holiday_date CHECK (holiday_date = TRUNC(holiday_date)),
    CONSTRAINT ck_holiday_observed CHECK (observed IN (0, 1)),
    CONSTRAINT ck_holiday_actual_date CHECK (actual_date = TRUNC(actual_date))
);

CREATE TABLE journal (
    record_id RAW(16) NOT NULL,
    body CLOB,
    CONSTRAINT pk_journal PRIMARY KEY (record_id),
    CONSTRAINT ck_journal_body CHECK (body IS JSON)
);

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

CREATE TABLE lease (
    name VARCHAR2(40 CHAR) NOT NULL,
    holder VARCHAR2(100 CHAR) NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_lease PRIMARY KEY (name)
);

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
    terms CLOB,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_loan PRIMARY KEY (loan_number),
    CONSTRAINT ck_loan_interest_paid_through CHECK (interest_paid_through = TRUNC(interest_paid_through)),
    CONSTRAINT ck_loan_fees CHECK (fees IS JSON),
    CONSTRAINT ck_loan_terms CHECK (terms IS JSON)
);

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
    notice_days NUMBER(10, 0),
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_location PRIMARY KEY (location_id),
    CONSTRAINT ck_location_address CHECK (address IS JSON),
    CONSTRAINT ck_location_start_date CHECK (start_date = TRUNC(start_date)),
    CONSTRAINT ck_location_end_date CHECK (end_date = TRUNC(end_date))
);

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

CREATE TABLE payoff (
    id RAW(16) NOT NULL,
    loan_number VARCHAR2(10 CHAR) NOT NULL,
    payoff_date DATE NOT NULL,
    reason VARCHAR2(30 CHAR) NOT NULL,
    voluntary NUMBER(1, 0) NOT NULL,
    requester CLOB NOT NULL,
    comments VARCHAR2(1000 CHAR),
    notice_date DATE,
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
    interest_to DATE,
    days NUMBER(10, 0) NOT NULL,
    per_diem NUMBER(19, 5) NOT NULL,
    accrued_interest NUMBER(19, 2) NOT NULL,
    fees CLOB NOT NULL,
    total NUMBER(19, 2) NOT NULL,
    currency VARCHAR2(3 CHAR) NOT NULL,
    source VARCHAR2(60 CHAR),
    warnings CLOB NOT NULL,
    client_id VARCHAR2(60 CHAR) NOT NULL,
    created_by VARCHAR2(40 CHAR) NOT NULL,
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_payoff PRIMARY KEY (id),
    CONSTRAINT ck_payoff_payoff_date CHECK (payoff_date = TRUNC(payoff_date)),
    CONSTRAINT ck_payoff_voluntary CHECK (voluntary IN (0, 1)),
    CONSTRAINT ck_payoff_requester CHECK (requester IS JSON),
    CONSTRAINT ck_payoff_notice_date CHECK (notice_date = TRUNC(notice_date)),
    CONSTRAINT ck_payoff_good_through_date CHECK (good_through_date = TRUNC(good_through_date)),
    CONSTRAINT ck_payoff_rolled CHECK (rolled IN (0, 1)),
    CONSTRAINT ck_payoff_interest_paid_throug CHECK (interest_paid_through = TRUNC(interest_paid_through)),
    CONSTRAINT ck_payoff_interest_to CHECK (interest_to = TRUNC(interest_to)),
    CONSTRAINT ck_payoff_fees CHECK (fees IS JSON),
    CONSTRAINT ck_payoff_warnings CHECK (warnings IS JSON)
);

CREATE TABLE spent_token (
    client_id VARCHAR2(60 CHAR) NOT NULL,
    token_id VARCHAR2(128 CHAR) NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    CONSTRAINT pk_spent_token PRIMARY KEY (client_id, token_id)
);

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

CREATE TABLE user_location (
    user_id VARCHAR2(40 CHAR) NOT NULL,
    location_id NUMBER(19, 0) NOT NULL,
    roles CLOB NOT NULL,
    is_primary NUMBER(1, 0) NOT NULL,
    version NUMBER(10, 0) NOT NULL,
    CONSTRAINT pk_user_location PRIMARY KEY (user_id, location_id),
    CONSTRAINT ck_user_location_roles CHECK (roles IS JSON),
    CONSTRAINT ck_user_location_is_primary CHECK (is_primary IN (0, 1))
);

CREATE UNIQUE INDEX uq_payoff_open ON payoff (CASE WHEN (status IN ('requested', 'quoted', 'accepted', 'funds_received', 'failed')) THEN loan_number END);
