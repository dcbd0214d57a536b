package explain

// Ways to explain trees, of which New leaves the choice open.
var Ways = []string{"fastest", "tables", "tables without kept counts", "walking"}

// Force makes an explainer of trees take one of Ways.
func (e *Explainer) Force(name string) {
	g := e.game.(*treeGame)
	switch name {
	case "tables without kept counts":
		g.way, g.kept = byTables, nil
	case "tables":
		g.way = byTables
	case "walking":
		g.way = byWalking
	}
}
