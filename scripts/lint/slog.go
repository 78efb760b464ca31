package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// slogStyle reports log lines that cannot be searched for: a message that is
// put together at run time, and keys that are not snake_case.
var slogStyle = &analysis.Analyzer{
	Name: "slogstyle",
	Doc:  "slog messages are constant and keys are snake_case",
	Run:  runSlogStyle,
}

var snakeCase = regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)

// messageAt says where a slog function has its message; keys follow it.
var messageAt = map[string]int{
	"Debug": 0, "Info": 0, "Warn": 0, "Error": 0,
	"DebugContext": 1, "InfoContext": 1, "WarnContext": 1, "ErrorContext": 1,
	"Log": 2, "LogAttrs": 2,
}

func runSlogStyle(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
			if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "log/slog" {
				return true
			}
			if at, ok := messageAt[fn.Name()]; ok && at < len(call.Args) {
				if _, constant := text(pass, call.Args[at]); !constant {
					pass.Reportf(call.Args[at].Pos(), "slog message is not constant; put what varies into attributes")
				}
				checkKeys(pass, call.Args[at+1:])
				return true
			}
			switch {
			case fn.Name() == "With":
				checkKeys(pass, call.Args)
			case makesAttr(fn) && len(call.Args) > 0:
				checkKey(pass, call.Args[0])
				if fn.Name() == "Group" {
					checkKeys(pass, call.Args[1:])
				}
			}
			return true
		})
	}
	return nil, nil
}

// checkKeys walks arguments as slog does: an Attr stands alone, a string is a
// key that takes the next argument as its value.
func checkKeys(pass *analysis.Pass, args []ast.Expr) {
	for i := 0; i < len(args); i++ {
		t := pass.TypesInfo.TypeOf(args[i])
		if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&types.IsString != 0 {
			checkKey(pass, args[i])
			i++
		}
	}
}

func checkKey(pass *analysis.Pass, arg ast.Expr) {
	if key, ok := text(pass, arg); ok && !snakeCase.MatchString(key) {
		pass.Reportf(arg.Pos(), "slog key %q is not snake_case", key)
	}
}

// makesAttr reports whether fn is slog.String, slog.Int and so on.
func makesAttr(fn *types.Func) bool {
	sig := fn.Signature()
	return sig.Recv() == nil && sig.Results().Len() == 1 &&
		strings.HasSuffix(sig.Results().At(0).Type().String(), "log/slog.Attr")
}

// text returns the value of a constant string expression.
func text(pass *analysis.Pass, e ast.Expr) (string, bool) {
	v := pass.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}
