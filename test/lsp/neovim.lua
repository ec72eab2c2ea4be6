-- Drives Neovim 0.7 or newer: only the server is started; problems, hover, code action and command are Neovim's own. Prints lines of JSON.
local function say(what, value)
  io.stdout:write(vim.fn.json_encode({ what = what, value = value }) .. '\n')
end
local function wait(ready)
  return vim.wait(60000, ready, 20)
end
local server, place, weights = os.getenv('LENS_SERVER'), os.getenv('LENS_PLACE'), os.getenv('LENS_WEIGHTS')

local function start(file)
  vim.cmd('edit ' .. vim.fn.fnameescape(place .. '/' .. file))
  local client = vim.lsp.start_client({
    name = 'inference_lens',
    cmd = { os.getenv('LENS_NODE'), server, '--stdio' },
    root_dir = place,
    workspace_folders = { { uri = vim.uri_from_fname(place), name = place } },
    init_options = { weights = weights, device = 'cpu' },
  })
  vim.lsp.buf_attach_client(0, client)
  wait(function() return vim.lsp.get_client_by_id(client) ~= nil and vim.lsp.get_client_by_id(client).initialized end)
  return vim.lsp.get_client_by_id(client)
end

local client = start('wrong.lens.json')
wait(function() return #vim.diagnostic.get(0) > 0 end)
say('problem', vim.diagnostic.get(0)[1].message)

vim.cmd('edit ' .. vim.fn.fnameescape(place .. '/code.py'))
vim.lsp.buf_attach_client(0, client.id)
local at = { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = 0, character = 24 } }
local hover = client.request_sync('textDocument/hover', at, 60000, 0)
say('hover', hover.result.contents.value)
local range = { start = at.position, ['end'] = at.position }
local asked = { textDocument = at.textDocument, range = range, context = { diagnostics = {} } }
local actions = client.request_sync('textDocument/codeAction', asked, 60000, 0).result
local done = client.request_sync('workspace/executeCommand', actions[1].command, 60000, 0)
say('analyzed', done.result.ok and done.result.value.folder or done.result.failure.message)
client.stop()
wait(function() return client.is_stopped() end)
vim.cmd('qall!')
