"""What wrk sends where one fixed request is not enough."""


def create(accounts):
    """Applications with a host of their own, spread over `accounts`: a server admits 1,000 to each, and no host twice."""
    listed = ",".join(f'"{account}"' for account in accounts)
    return f"""
local accounts = {{{listed}}}
local made = 0
math.randomseed(os.time())
local run = string.format("%08x", math.random(0, 0x7fffffff))
wrk.headers["Content-Type"] = "application/json"
request = function()
    made = made + 1
    local body = '{{"type":"self_hosted","name":"Customer Portal","domain":"p' .. run .. '-' .. made ..
        '.example.com/admin","session_duration":"24h"}}'
    return wrk.format("POST", "/client/v4/accounts/" .. accounts[made % #accounts + 1] .. "/access/apps", wrk.headers, body)
end
"""


def post(body):
    """One body, again and again."""
    return f"""
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [==[{body}]==]
"""


def tokens(path, file):
    """Each request brings the next token of a file, so that no cache has seen it lately."""
    return f"""
local tokens = {{}}
for line in io.lines("{file}") do tokens[#tokens + 1] = line end
local sent = 0
wrk.headers["Content-Type"] = "application/json"
request = function()
    sent = sent + 1
    return wrk.format("POST", "{path}", wrk.headers, '{{"token":"' .. tokens[sent % #tokens + 1] .. '"}}')
end
"""
