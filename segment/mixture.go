package segment

import "context"

type mixtures struct{}

func newMixtures(p points, c Config) *mixtures { return nil }

func (m *mixtures) all(ctx context.Context, ks []int, done func()) ([]*partition, error) {
	return nil, nil
}

type mixtureFit struct{ bic, aic float64 }

func (m *mixtureFit) result(data *prepared, ids []int) *Mixture { return nil }
