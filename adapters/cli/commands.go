package cli

import (
	"slices"
	"strings"
)

// command is one command of the program. A name of two words, such as "drift
// save", is that of a command in a group.
type command struct {
	name, usage string
	// takes describes the argument, description the rest of the help.
	takes, description string
	// arguments is the number of plain arguments allowed.
	arguments int
	flags     []flagSpec
	run       func(*session) error
}

// commands lists all of them, as help does.
var commands = slices.Concat([]command{
	{
		name: "run", usage: "analyse customers and write the report with its figures", takes: "[FILE]", arguments: 1,
		description: `Loads a customer file, validates and cleans it, segments the customers,
trains and judges a predictor, and writes an HTML report and the figures as PNG
files. Without a file it uses data/raw/Customers.csv, or else sample data.

   cohortlens run
   cohortlens run customers.csv --output board.html
   cohortlens run mall.csv --id-column ID --numerical Age,Income --target Income`,
		flags: withShared(slices.Concat(segmentFlags, []flagSpec{
			targetFlag, predictorFlag, baselineFlag, outputFlag,
			text("figures", "DIR", "write the PNG files to the folder `DIR`; to reports/figures by default", outputGroup), formatFlag,
		})...),
		run: (*session).report,
	},
	{
		name: "segment", usage: "group customers, and say whether the groups are real", takes: "[FILE]", arguments: 1,
		description: `Groups customers by scaled columns with k-means, a Gaussian mixture or DBSCAN,
describes and names each group, and compares the groups with those found in data
without structure. Cluster -1 is noise: customers who belong to no group.

   cohortlens segment customers.csv
   cohortlens segment customers.csv --k 4 --features Age,Income --out segments.csv
   cohortlens segment customers.csv --algorithm dbscan --eps 0.3 --min-samples 8
   cohortlens segment customers.csv --algorithm gmm --criterion bic --model m.json
   cohortlens segment --assign new.csv --model m.json --out assigned.csv
   cohortlens segment newer.csv --k 4 --previous m.json --model m.json
   cohortlens segment huge.csv --stream --features Age,Income --out segments.csv
   cat customers.csv | cohortlens segment - --json

With --assign nothing is fitted: the customers of that file, which may be larger
than memory, get the segments of the saved model.`,
		flags: withShared(slices.Concat(segmentFlags, []flagSpec{
			toggle("stream", "segment in passes over a file that may be larger than memory: by kmeans, without a look at rules; who is in which segment is in --out", modelGroup),
			text("assign", "F", "assign the customers in `F`, which is what --data may be, to the segments of the saved model", inputGroup),
			text("model", "F", "save the fitted model to `F`, in the place of what is there; with --assign, assign by that model", outputGroup),
			text("out", "F", "write customer_id, cluster, label and the other columns to the CSV file `F`", outputGroup), safeFlag,
		})...),
		run: (*session).segment,
	},
	{
		name: "predict", usage: "train a predictor, judge it, and score customers", takes: "[FILE]", arguments: 1,
		description: `Trains a predictor, measures it on held-out customers and by cross-validation,
and says in words whether it is better than predicting the average.

   cohortlens predict customers.csv
   cohortlens predict customers.csv --algorithm auto --target Income
   cohortlens predict customers.csv --score new.csv --out scored.csv
   cohortlens predict customers.csv --algorithm random_forest --model m.json
   cohortlens predict --score new.csv --model m.json --out scored.csv

With --model the predictor is saved. With --score and --model, and no data to learn
from, nothing is trained: the saved predictor predicts.`,
		flags: withShared(slices.Concat(predictFlags, []flagSpec{
			text("score", "F", "predict for the customers in `F`, which is what --data may be", inputGroup),
			text("model", "F", "save the predictor to `F`, in the place of what is there; with --score and no data, predict by that model", outputGroup),
			text("out", "F", "write customer_id, prediction, low, high and confidence to the CSV file `F`", outputGroup), safeFlag,
		})...),
		run: (*session).predict,
	},
	{
		name: "explain", usage: "say why customers get their predictions, or their segment", takes: "[FILE]", arguments: 1,
		description: `Trains a predictor as predict does, or loads a saved one, and splits predictions
into what each column adds to them (Shapley values; they always add up). With
--segment, or a saved segmentation, it says which columns put a customer in its
segment rather than in the next one.

   cohortlens explain customers.csv --customer 17
   cohortlens explain customers.csv --algorithm random_forest --all --out why.csv
   cohortlens explain customers.csv --model m.json --customer 17
   cohortlens explain customers.csv --segment --customer 17`,
		flags: withShared(slices.Concat(predictFlags, []flagSpec{
			text("customer", "ID", "explain the customer `ID`; the line of the file where there is no ID column", inputGroup),
			toggle("all", "explain all customers", inputGroup),
			text("model", "F", "explain the predictor, or the segmentation, saved in `F`; train none", inputGroup),
			toggle("segment", "explain the customer's segment, not a prediction", modelGroup),
			toggle("interactions", "say too what pairs of columns do together, beyond what each does alone; a random_forest has such pairs", modelGroup),
			text("method", "M", "split predictions by `M`: linear, tree_path_dependent, tree_interventional or permutation; the best for the algorithm by default", modelGroup),
			text("out", "F", "with --all, write customer_id, prediction, base_value and what each column adds to the CSV file `F`", outputGroup), safeFlag,
		})...),
		run: (*session).explain,
	},
	{
		name: "report", usage: "analyse customers and write the report alone", takes: "[FILE]", arguments: 1,
		description: `Does what run does, without the PNG files: the report itself holds all figures.

   cohortlens report customers.csv --output board.html
   cohortlens report --metrics mae,r2 --figures clusters,savings`,
		flags: withShared(slices.Concat(segmentFlags, []flagSpec{
			targetFlag, predictorFlag, baselineFlag, outputFlag,
			setting("metrics", "A,B", "reporting.metrics", "show the metrics `A,B` of mse, mae, r2, rmse", outputGroup),
			setting("figures", "A,B", "reporting.figures", "show the figures `A,B` of clusters, prediction, correlation, savings, gender", outputGroup),
			formatFlag,
		})...),
		run: (*session).report,
	},
	{
		name: "drift save", usage: "keep a profile of customers, to compare later ones with", takes: "[FILE]", arguments: 1,
		description: `Writes a profile of the customers, a few kilobytes for each column: what
"drift check" compares later customers with. It takes the place of an earlier one.

   cohortlens drift save customers.csv
   cohortlens drift save customers.csv --baseline march.json --segment-column Gender
   cohortlens drift save customers.csv --segments m.json`,
		flags: withShared(driftFlags...),
		run:   (*session).saveBaseline,
	},
	{
		name: "drift check", usage: "say what has changed since the baseline, and whether it matters", takes: "[FILE]", arguments: 1,
		description: `Compares customers with the saved baseline, column by column, the worst first:
is the change more than chance, and is it large enough to matter? Segments are
compared one by one if the baseline has them, and all columns together show what
no column shows alone. The baseline stays as it is. Exit code 0 says that the check
was made; with --fail-on-drift, 3 says that it found drift.

   cohortlens drift check later.csv
   cohortlens drift check later.csv --baseline march.json --fail-on-drift
   cohortlens drift check later.csv --segments m.json --json`,
		flags: withShared(slices.Concat(driftFlags, thresholdFlags)...),
		run:   (*session).checkDrift,
	},
}, databaseCommands, userCommands, auditCommands, []command{
	{
		name: "version", usage: "print the version", flags: []flagSpec{jsonFlag},
		description: "Prints the version of the program and of Go.",
		run:         (*session).version,
	},
	{
		name: "help", usage: "show help for a command", takes: "[COMMAND]", arguments: 2,
		description: "Shows what a command does and takes.",
		run:         (*session).help,
	},
})

func commandNamed(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

// groupOf returns the names of the commands in a group, none if there is no such
// group.
func groupOf(group string) []string {
	var names []string
	for _, c := range commands {
		if strings.HasPrefix(c.name, group+" ") {
			names = append(names, c.name)
		}
	}
	return names
}

// topNames returns the names of commands and groups.
func topNames() []string {
	var names []string
	for _, c := range commands {
		first, _, _ := strings.Cut(c.name, " ")
		if !slices.Contains(names, first) {
			names = append(names, first)
		}
	}
	return names
}
