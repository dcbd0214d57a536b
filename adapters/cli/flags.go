package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/cohortlens/cohortlens/adapters/config"
)

// flagSpec is one flag. Commands share most of them.
type flagSpec struct {
	name string
	// value stands for the value in help, "" for a switch.
	value, usage, group string
	boolean             bool
	// key is the key of the configuration that the flag sets, "" for none.
	key string
	// only lists the algorithms, of segmentation or prediction as the key is,
	// that the flag has a meaning for; all when empty.
	only []string
}

const (
	inputGroup  = "Data and columns"
	modelGroup  = "Models"
	outputGroup = "Output"
)

func text(name, value, usage, group string) flagSpec {
	return flagSpec{name: name, value: value, usage: usage, group: group}
}

func toggle(name, usage, group string) flagSpec {
	return flagSpec{name: name, usage: usage, group: group, boolean: true}
}

// setting is a flag for a key of the configuration.
func setting(name, value, key, usage, group string) flagSpec {
	return flagSpec{name: name, value: value, usage: usage, group: group, key: key}
}

// toggleSetting is a switch for a key of the configuration.
func toggleSetting(name, key, usage, group string) flagSpec {
	f := toggle(name, usage, group)
	f.key = key
	return f
}

// of limits a flag to algorithms.
func (f flagSpec) of(algorithms ...string) flagSpec {
	f.only = algorithms
	return f
}

var globalFlags = []flagSpec{
	text("config", "F", "read the configuration from `F`, not from config/config.yaml", ""),
	setting("log-level", "L", "logging.level", "log to standard error from level `L` on: DEBUG, INFO, WARN or ERROR", ""),
	toggle("help", "show help, also for one command", ""),
	toggle("h", "show help", ""),
	toggle("version", "print the version", ""),
}

var inputFlags = []flagSpec{
	text("data", "F", "read customers from `F`: a CSV file, - for standard input, or the URL of a database, sqlite:FILE or postgres://...; it may also be the argument", inputGroup),
	setting("delimiter", "C", "data.delimiter", "the character `C` separates cells; it is found in the file by default", inputGroup),
	setting("invalid", "P", "data.invalid", "rows that break a rule: `P` is drop (the default), fail or keep", inputGroup),
	setting("id-column", "COL", "features.id_column", "the column `COL` identifies a customer", inputGroup),
	setting("numerical", "A,B", "features.numerical", "analyse the numeric columns `A,B`, whatever column lists the configuration has", inputGroup),
	setting("categorical", "A,B", "features.categorical", "analyse the categorical columns `A,B`", inputGroup),
}

var (
	targetFlag = setting("target", "COL", "models.prediction.target", "predict the numeric column `COL`", modelGroup)
	// predictorFlag stands for --algorithm where that is the one of segments.
	predictorFlag = setting("predictor", "A", "models.prediction.algorithm",
		"predict by `A`: linear_regression (the default), ridge, random_forest, or auto for the one that does best", modelGroup)
	seedFlag    = setting("seed", "N", "models.random_seed", "draw random numbers from seed `N`; 42 by default", modelGroup)
	workersFlag = text("workers", "N", "use at most `N` processor cores; no result depends on it", modelGroup)
	jsonFlag    = toggle("json", "print one JSON document and nothing else", outputGroup)
	safeFlag    = toggle("excel-safe", "in the CSV file, write an apostrophe before text that a spreadsheet would take for a formula; "+
		"without it, text is written byte for byte", outputGroup)
	outputFlag = text("output", "F", "write the report to `F`, a file or a folder; to reports/ by default", outputGroup)
	formatFlag = setting("format", "F", "reporting.format", "the report's format `F`: html", outputGroup)
)

// segmentFlags configure the segmentation of every command that makes one.
var segmentFlags = []flagSpec{
	setting("algorithm", "A", "models.segmentation.algorithm",
		"segment by `A`: kmeans (the default), gmm for a Gaussian mixture, or dbscan for dense groups and noise", modelGroup),
	setting("features", "A,B", "models.segmentation.features", "segment by the numeric columns `A,B`", modelGroup),
	setting("k", "N", "models.segmentation.n_clusters",
		"make `N` segments; the number is chosen by the criterion by default; kmeans and gmm only", modelGroup).of("kmeans", "gmm"),
	setting("criterion", "C", "models.segmentation.criterion",
		"choose the number of segments by `C`: silhouette (the default), or bic for gmm", modelGroup).of("kmeans", "gmm"),
	setting("weights", "COL", "models.segmentation.weights",
		"kmeans: the column `COL` weighs customers; one of weight 2 counts as two equal ones", modelGroup).of("kmeans"),
	setting("covariance", "C", "models.segmentation.covariance",
		"gmm: give each component the covariance `C`: full (the default), tied, diag or spherical", modelGroup).of("gmm"),
	setting("eps", "X", "models.segmentation.eps",
		"dbscan: customers within `X` standard deviations are neighbours; 0.5 by default", modelGroup).of("dbscan"),
	setting("min-samples", "N", "models.segmentation.min_samples",
		"dbscan: `N` neighbours, itself included, make a customer the core of a group; 5 by default", modelGroup).of("dbscan"),
	setting("stability", "N", "models.segmentation.bootstraps",
		"segment `N` redrawn tables too, and say how far each segment is found again", modelGroup),
	text("previous", "F", "compare with the saved model `F`: which customers moved from which segment to which", inputGroup),
}

// predictFlags configure the predictor of every command that trains one alone.
var predictFlags = []flagSpec{
	setting("algorithm", "A", "models.prediction.algorithm",
		"predict by `A`: linear_regression (the default), ridge, random_forest, or auto for the one that does best", modelGroup),
	targetFlag,
	setting("folds", "N", "models.prediction.cv_folds", "cross-validate in `N` blocks; 5 by default", modelGroup),
	toggleSetting("shuffle", "models.prediction.cv_shuffle", "draw these blocks at random, not in the order of the rows", modelGroup),
	setting("fold-groups", "COL", "models.prediction.cv_groups", "customers with the same value of the column `COL` stay in one block", modelGroup),
	setting("alpha", "X", "models.prediction.alpha", "ridge: penalise the scaled coefficients by `X`; chosen by cross-validation by default", modelGroup).of("ridge", "auto"),
	setting("trees", "N", "models.prediction.n_estimators", "random_forest: grow `N` trees; 100 by default", modelGroup).of("random_forest", "auto"),
	setting("max-depth", "N", "models.prediction.max_depth", "random_forest: at most `N` splits above a leaf; 0 for no limit", modelGroup).of("random_forest", "auto"),
	setting("min-samples-leaf", "N", "models.prediction.min_samples_leaf", "random_forest: at least `N` customers in a leaf; 1 by default", modelGroup).of("random_forest", "auto"),
	setting("max-features", "N", "models.prediction.max_features", "random_forest: try `N` columns for each split; 0, the default, for all", modelGroup).of("random_forest", "auto"),
	setting("level", "P", "models.prediction.interval_level", "intervals cover the share `P` of customers; 0.9 by default", modelGroup),
	setting("interval-method", "M", "models.prediction.interval_method",
		"all intervals have one width by `M` constant; by quantiles they are wide where the trees of a random_forest differ; the better by default", modelGroup),
	setting("interval-groups", "COL", "models.prediction.interval_groups", "give each level of the categorical column `COL` intervals of its own", modelGroup),
}

func withShared(flags ...flagSpec) []flagSpec {
	return slices.Concat(inputFlags, flags, []flagSpec{seedFlag, workersFlag, jsonFlag})
}

func flagNamed(flags []flagSpec, name string) *flagSpec {
	for i := range flags {
		if flags[i].name == name {
			return &flags[i]
		}
	}
	return nil
}

// parserFlags turns flags into those of the parser.
func parserFlags(flags []flagSpec) []cli.Flag {
	out := make([]cli.Flag, 0, len(flags))
	for _, f := range flags {
		switch {
		case f.name == "h": // arrange makes a help command of it
		case f.boolean:
			out = append(out, &cli.BoolFlag{Name: f.name, Usage: f.usage, Category: f.group, DisableDefaultText: true})
		default:
			out = append(out, valueFlag{&cli.StringFlag{Name: f.name, Usage: f.usage, Category: f.group}})
		}
	}
	return out
}

// valueFlag is a flag with a value, shown with two dashes even when its name is
// one letter, as in all that the program says of it.
type valueFlag struct{ *cli.StringFlag }

func (f valueFlag) String() string {
	shown := f.StringFlag.String()
	if strings.HasPrefix(shown, "--") {
		return shown
	}
	return "-" + shown
}

// configure lets the flags count over the configuration.
func configure(c *config.Config, ctx *cli.Context, flags []flagSpec) error {
	if ctx.IsSet("numerical") || ctx.IsSet("categorical") {
		c.ForgetColumnLists()
	}
	for _, f := range flags {
		if f.key == "" || !ctx.IsSet(f.name) {
			continue
		}
		given := ctx.String(f.name)
		if f.boolean {
			given = strconv.FormatBool(ctx.Bool(f.name))
		}
		if err := c.Set(f.key, "--"+f.name, given); err != nil {
			return err
		}
	}
	return checkMeaning(c.Models, ctx, flags)
}

// checkMeaning refuses flags that the algorithm would ignore.
func checkMeaning(m config.Models, ctx *cli.Context, flags []flagSpec) error {
	for _, f := range flags {
		algorithm := m.Segmentation.Algorithm
		if strings.HasPrefix(f.key, "models.prediction.") {
			algorithm = m.Prediction.Algorithm
		}
		if ctx.IsSet(f.name) && len(f.only) > 0 && !slices.Contains(f.only, algorithm) {
			return &usageError{message: fmt.Sprintf("--%s is for the algorithm %s, and the algorithm is %s",
				f.name, strings.Join(f.only, " or "), algorithm)}
		}
	}
	return nil
}

// workers reads --workers.
func workers(ctx *cli.Context) (int, error) {
	if !ctx.IsSet("workers") {
		return 0, nil
	}
	const most = 1024
	n, err := strconv.Atoi(ctx.String("workers"))
	if err != nil || n < 1 || n > most {
		return 0, &usageError{message: fmt.Sprintf("--workers must be a whole number from 1 to %d, got %q", most, ctx.String("workers"))}
	}
	return n, nil
}
