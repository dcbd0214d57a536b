package explain

// Ways to explain trees, of which New leaves the choice open.
var Ways = map[string]way{"fastest": fastest, "tables": byTables, "walking": byWalking}

// Force makes an explainer of trees take one of Ways.
func (e *Explainer) Force(name string) { e.game.(*treeGame).way = Ways[name] }
