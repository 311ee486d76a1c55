// Preloaded into a process: prints the most memory it ever held, in KiB, when it ends.
process.on('exit', () => process.stderr.write(`maxRSS=${process.resourceUsage().maxRSS}\n`))
