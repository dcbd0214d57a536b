// Package config reads the configuration of the program: config/config.yaml,
// .env and the environment become one typed, checked [Config].
//
// # Where it looks
//
// The file is the one named by --config, else by the environment variable
// COHORTLENS_CONFIG, else config/config.yaml in the working directory or the
// nearest folder above it that has one. Relative paths in it start at the folder
// that holds config/. A .env file is read from the working directory and from
// that folder; its values are never written into the process. In .env, a value
// with a $ stands in single quotes.
//
// Flags count over the environment, the environment over .env, .env over the
// file, the file over the defaults. An empty variable and a null in the file say
// nothing.
//
// # What it refuses
//
// An unknown or repeated key, a value of the wrong type or out of range is an
// [*Error] with the file, line, column and what is allowed. Nothing is ignored,
// but for environment variables that start with COHORTLENS_ and are not listed
// here: some systems set such variables for services of their own.
//
// "by the table" below means that nothing is assumed: the customer table of the
// Python backend is analysed as that backend does it, and the columns of any
// other table are inferred. A name that is given binds.
//
// # The file
//
// Each key has an environment variable: COHORTLENS_ and the key in upper case
// with _ for each dot, such as COHORTLENS_MODELS_RANDOM_SEED. A list is written
// there as A,B,C, with double quotes around an element that has a comma.
//
//	data.raw_path                           data/raw           folder of the customer file
//	data.processed_path                     data/processed     folder for derived files
//	data.raw_filename                       Customers.csv      name of the customer file
//	data.delimiter                          found in the file  one character, or tab
//	data.invalid                            drop               drop, fail or keep rows that break a rule
//	database.path                           data/cohortlens.db SQLite file, when no other database is named
//	models.random_seed                      42                 seed of everything random
//	models.segmentation.algorithm           kmeans             kmeans, gmm or dbscan
//	models.segmentation.n_clusters          chosen             number of segments
//	models.segmentation.max_iter            300                iterations of one start
//	models.segmentation.n_init              10                 starts
//	models.segmentation.features            by the table       columns to segment by
//	models.segmentation.silhouette_range    [2, 11]            candidate numbers of segments, the end not included
//	models.segmentation.eps                 0.5                radius of dbscan, in standard deviations
//	models.segmentation.min_samples         5                  neighbours of dbscan
//	models.segmentation.weights             none               column of weights of customers, for kmeans
//	models.segmentation.covariance          full               full, tied, diag or spherical components of gmm
//	models.segmentation.criterion           silhouette         silhouette, or bic for gmm: what n_clusters is chosen by
//	models.segmentation.bootstraps          0                  redrawn tables to measure stability on; none by default
//	models.prediction.algorithm             linear_regression  linear_regression, ridge, random_forest or auto
//	models.prediction.target                by the table       column to predict
//	models.prediction.test_size             0.2                share of rows held out
//	models.prediction.cv_folds              5                  blocks of the cross-validation
//	models.prediction.cv_shuffle            false              draw these blocks at random, not in row order
//	models.prediction.cv_groups             none               column whose equal values stay in one block
//	models.prediction.drop_first            true               drop the first level of each category
//	models.prediction.alpha                 by validation      ridge: penalty of the scaled coefficients
//	models.prediction.n_estimators          100                random_forest: trees
//	models.prediction.max_depth             0                  random_forest: splits above a leaf; 0 for no limit
//	models.prediction.min_samples_leaf      1                  random_forest: rows of a leaf
//	models.prediction.max_features          0                  random_forest: columns tried for a split; 0 for all
//	models.prediction.interval_level        0.9                share of customers that intervals cover
//	models.prediction.interval_method       the better         constant, or quantiles for random_forest: how wide intervals are
//	models.prediction.interval_groups       none               categorical column with intervals of their own
//	models.prediction.features.numerical    by the table       numeric columns to predict from
//	models.prediction.features.categorical  by the table       categorical ones
//	features.numerical                      by the table       numeric columns to analyse
//	features.categorical                    by the table       categorical ones
//	features.id_column                      by the table       column that identifies a customer
//	insights.income_column                  by the table       annual income
//	insights.spending_column                by the table       spending score
//	insights.experience_column              by the table       years of work
//	insights.family_size_column             by the table       members of the family
//	insights.gender_column                  by the table       column of the gender figure
//	insights.spend_per_experience_year      1000               monthly spend per year of work
//	insights.spend_per_family_member        500                monthly spend per family member
//	drift.baseline                          by processed_path  profile to compare with: drift_baseline.json there
//	drift.segments                          none               categorical column whose levels are compared one by one
//	drift.alpha                             0.05               level of the tests
//	drift.adjust                            benjamini_hochberg how tests share it: this, holm or none
//	drift.psi_moderate                      0.1                PSI that is called moderate
//	drift.psi_major                         0.2                PSI that is called major, and matters
//	drift.ks                                0.1                distance of distributions that matters
//	drift.mean_shift                        0.2                change of a mean that matters, in standard deviations
//	drift.cramers_v                         0.1                strength of a change of levels that matters
//	drift.missing_share                     0.05               change of the share of missing values that matters
//	drift.share_effect                      0.2                change of a segment's share that matters, as Cohen's h
//	drift.auc                               0.55               AUC of telling old rows from new that matters
//	drift.permutations                      chosen             permutations that the AUC is compared with, up to 9999
//	reporting.format                        html               html or pdf
//	reporting.save_path                     reports            folder of the report
//	reporting.figures_path                  reports/figures    folder of the PNG files
//	reporting.dpi                           150                resolution of the PNG files, 36 to 600
//	reporting.metrics                       all                of mse, mae, r2, rmse
//	reporting.figures                       all                of clusters, prediction, importance, waterfalls, correlation, gender, savings, drift
//	ai.provider                             none               openai, anthropic or groq
//	ai.model                                the provider's     name of the model
//	ai.max_tokens                           150                length of an answer
//	ai.temperature                          0.3                0 to 2
//	logging.level                           INFO               DEBUG, INFO, WARN or ERROR
//	logging.format                          text               text or json; a Python format string means text
//
// # Environment only
//
//	DATA_SOURCE            csv   csv, or neon: customers come from the database
//	NEON_DATABASE_URL            postgres:// URL of the database, in the place of database.path; secret
//	JWT_SECRET                   key that signs tokens; secret
//	JWT_EXPIRE_MINUTES     60    life of a token, 1 to 525600
//	DEFAULT_AUTH_USER            name of the user without a database
//	DEFAULT_USER_PASSWORD        password of that user; secret
//	RATE_LIMIT_PER_MINUTE  60    requests per client, 1 to 1000000
//	CORS_ORIGINS                 origins, separated by commas
//	OPENAI_API_KEY               secret
//	OPENAI_MODEL
//	ANTHROPIC_API_KEY            secret
//	ANTHROPIC_MODEL
//	GROQ_API_KEY                 secret
//	STRIPE_WEBHOOK_SECRET        key that signs Stripe's events; secret
//	IPFS_API_URL                 http:// or https:// URL
//
// and, new in this program,
//
//	COHORTLENS_AUDIT_KEY         key of the audit log, at least 32 bytes; secret
//	COHORTLENS_OLD_AUDIT_KEYS    keys that it had before, separated by commas; secret
//
// A [Secret] is never printed: not in messages, logs or JSON.
package config
