/** The one call that is made on every path: the arguments of find_tools as JSON, 300 bytes. */
export const INPUT = JSON.stringify({
  query:
    'open a pull request in a repository with a title, a body and the branches it joins, then read a file of it and list the folder it lies in, with the sizes and time each was last changed',
  agent_id: 'bench-agent',
  keep_tools: ['github/kept'],
  limit: 10,
  min_score: 40,
  request_heartbeat: false,
})
