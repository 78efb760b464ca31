SELECT session, view_name, before_name, collations, state, changed_at FROM adoptions
