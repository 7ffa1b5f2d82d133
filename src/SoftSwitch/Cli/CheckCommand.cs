using System.CommandLine;
using SoftSwitch.Config;
using SoftSwitch.Config.Checks;

namespace SoftSwitch.Cli;

/// <summary>softswitch check FILE</summary>
internal sealed class CheckCommand : Command
{
    public CheckCommand() : base("check", "Says every mistake in a configuration file, or nothing")
    {
        var file = new Argument<string>("FILE") { Description = "The configuration file, or a folder: all its *.yaml files together" };
        Add(file);
        SetAction(parsed =>
            ConfigMistakes.Tell(ConfigFile.Load(parsed.GetRequiredValue(file), HostAddresses.Read), parsed.InvocationConfiguration.Error));
    }
}
