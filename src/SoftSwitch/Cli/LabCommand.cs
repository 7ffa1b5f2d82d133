using System.CommandLine;
using SoftSwitch.Lab;

namespace SoftSwitch.Cli;

/// <summary>softswitch lab [FILE] [--shell PORT]</summary>
internal sealed class LabCommand : Command
{
    public LabCommand() : base("lab", "Plays a whole network on this machine without root and checks who reaches whom")
    {
        var file = new Argument<string?>("FILE")
            { Description = "A configuration file; left out: the built-in lab", Arity = ArgumentArity.ZeroOrOne };
        var shell = new Option<string?>("--shell") { Description = "Opens a prompt inside the guest of this port", HelpName = "PORT" };
        Add(file);
        Add(shell);
        SetAction((parsed, _) => LabProgram.Run(
            parsed.GetValue(file), parsed.GetValue(shell), parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
    }
}
