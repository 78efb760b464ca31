package main

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// errorCompare reports errors told apart in a way that stops working once
// somebody wraps them: with == or !=, by type assertion, by type switch.
// Methods that implement errors.Is and errors.As are left alone: there the
// error is not wrapped any more. So is io.EOF, which readers return as it is:
// "callers will test for EOF using ==", says its documentation.
var errorCompare = &analysis.Analyzer{
	Name: "errorcompare",
	Doc:  "errors are compared with errors.Is and errors.As",
	Run:  runErrorCompare,
}

var errorType = types.Universe.Lookup("error").Type()

func runErrorCompare(pass *analysis.Pass) (any, error) {
	isError := func(e ast.Expr) bool { return types.Identical(pass.TypesInfo.TypeOf(e), errorType) }
	isEOF := func(e ast.Expr) bool {
		sel, ok := e.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		obj := pass.TypesInfo.ObjectOf(sel.Sel)
		return obj != nil && obj.Pkg() != nil && obj.Pkg().Path() == "io" && obj.Name() == "EOF"
	}
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return n.Recv == nil || n.Name.Name != "Is" && n.Name.Name != "As"
			case *ast.BinaryExpr:
				if (n.Op == token.EQL || n.Op == token.NEQ) && isError(n.X) && isError(n.Y) && !isEOF(n.X) && !isEOF(n.Y) {
					pass.Reportf(n.OpPos, "errors compared with %s; use errors.Is", n.Op)
				}
			case *ast.SwitchStmt:
				if n.Tag != nil && isError(n.Tag) {
					pass.Reportf(n.Switch, "switch compares errors; use errors.Is")
				}
			case *ast.TypeAssertExpr: // a type switch holds one with a nil type
				if isError(n.X) {
					pass.Reportf(n.Lparen, "type of an error asserted; use errors.As")
				}
			}
			return true
		})
	}
	return nil, nil
}
