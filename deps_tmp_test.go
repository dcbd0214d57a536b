package cohortlens_test

import (
	_ "github.com/go-gota/gota/dataframe"
	_ "github.com/sajari/regression"
	_ "github.com/wcharczuk/go-chart/v2"
	_ "gonum.org/v1/gonum/mat"
	_ "gonum.org/v1/gonum/stat/distuv"
)
