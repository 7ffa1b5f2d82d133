using System.CommandLine;
using SoftSwitch.Config.Keys;
using SoftSwitch.Errors;
using SoftSwitch.Kinds;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Control;
using SoftSwitch.Live.Layer;

namespace SoftSwitch.Cli;

/// <summary>
/// The command `softswitch`: reads the words, does what they say, gives the exit status.
/// </summary>
/// <remarks>
/// Theory of operation. System.CommandLine parses; its own answer to a mistake (help text, status 1) is not used: a mistake is one
/// line on standard error and status 2 (<see cref="ParseMistake"/>). Commands report with <see cref="CommandException"/>, so no
/// command prints an error itself except `check`, whose mistakes are its output. Signals are left to the commands. Every command
/// is a class in a file of its own; the words they share are options handed to them here.
/// </remarks>
internal static class CommandLine
{
    /// <summary>Runs the command and gives its exit status (<see cref="ExitStatus"/>). Never throws.</summary>
    public static async Task<int> Run(string[] args, TextWriter output, TextWriter error)
    {
        try
        {
            var parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.CommandResult.Command is UnbuiltCommand unbuilt)
                throw unbuilt.NotAvailable();
            // Help, the version and the completions are actions too, and stand above the mistakes.
            if ((parsed.Errors.Count > 0 || ParseMistake.OptionAsArgument(parsed) is not null)
                && parsed.Action is not { ClearsParseErrors: true })
                throw ParseMistake.Of(parsed);
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (CommandException e)
        {
            foreach (var line in e.Each)
                error.WriteLine(line);
            return Fail(error, e.Status, e.Message);
        }
        catch (ControlSocketException e)
        {
            return Fail(error, ExitStatus.Failed, e.Message);
        }
        catch (OperationCanceledException)
        {
            return ExitStatus.Done;
        }
        catch (OutOfMemoryException)
        {
            return Fail(error, ExitStatus.Failed, MemoryLimit.Describe());
        }
        catch (Exception e)
        {
            return Fail(error, ExitStatus.Failed, $"internal error: {e.GetType().Name}: {e.Message}");
        }
    }

    /// <summary>The commands and their options.</summary>
    public static RootCommand Root()
    {
        var socket = new SocketOption();
        var changes = new ChangeOptions(socket);
        var root = new RootCommand("A switch and router for virtual machines, containers and namespaces, in user space.")
        {
            new RunCommand(socket),
            new CheckCommand(),
            new ShowCommand(socket),
            new ReloadCommand(changes),
            new UpgradeCommand(changes),
            new ItemCommand(RunTimeNoun.Network, NetworkKeys.All, [NetworkKeys.Mode], changes),
            new ItemCommand(RunTimeNoun.Port, PortKeys.Choices, [PortKeys.Network, PortKeys.Kind], changes),
            new ForwardCommand(changes),
            new ConnectCommand(changes),
            new ConfigCommand(changes),
            new RouteCommand(socket),
            new AttachCommand(socket),
            new LabCommand(),
            new CompletionsCommand(),
        };
        foreach (var name in new[] { "capture", "trace", "top", "bench", "doctor" })
            root.Add(new UnbuiltCommand(name));
        root.Options.Clear();
        root.Add(socket);
        root.Add(new System.CommandLine.Help.HelpOption("--help", "-h")
            { Description = "Shows what a command does and how it is written", Action = new HelpAction() });
        root.Add(new VersionOption("--version") { Description = "Shows the version", Action = new VersionAction() });
        return root;
    }

    /// <summary>Says why a command failed.</summary>
    /// <returns>The status.</returns>
    public static int Fail(TextWriter error, int status, string message)
    {
        error.WriteLine($"softswitch: {message.ReplaceLineEndings(" ")}");
        return status;
    }
}
