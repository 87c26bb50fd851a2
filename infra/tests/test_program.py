def test_default(run_program):
    p = run_program()
    for r in p.resources:
        print(r.kind, r.name)
    print(p.outputs)
