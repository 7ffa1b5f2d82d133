using System.Net.Sockets;
using SoftSwitch.Config;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Output;
using SoftSwitch.Text;

namespace SoftSwitch.Lab;

/// <summary>
/// What `softswitch lab` does: the networks of a file, or of the built-in lab, played and checked without root.
/// <para>
/// It goes down a ladder by itself. A user who may make network namespaces plays in them at once. For any other user the program starts
/// itself again as root of a user namespace of its own, where it may, and the second program plays: so the file is read there and only
/// there. Where that is refused, or worth nothing (AppArmor), stations are played in memory.
/// </para>
/// </summary>
internal static class LabProgram
{
    /// <summary>Set in the environment of the program that was started in namespaces of its own.</summary>
    public const string InsideVariable = "SOFTSWITCH_LAB_INSIDE";

    /// <param name="file">A configuration file; null: the built-in lab.</param>
    /// <param name="shellPort">The port in whose guest to open a prompt; null: none.</param>
    /// <param name="output">For what it finds. It may be closed: the exit status tells as well.</param>
    /// <param name="error">For mistakes in the file.</param>
    /// <returns>The exit status.</returns>
    public static Task<int> Run(string? file, string? shellPort, TextWriter output, TextWriter error)
    {
        var inside = Environment.GetEnvironmentVariable(InsideVariable) is "1";
        var ground = LabGround.Explore(inside);
        if (ground.Rung == LabRung.Memory && !inside)
        {
            if (Launch(file, shellPort, out var refusal) is { } status)
                return Task.FromResult(status);
            ground = ground with { Reason = refusal };
        }
        return Task.FromResult(Play(file, shellPort, ground, inside ? "as an ordinary user" : "as root", output, error));
    }

    private static int? Launch(string? file, string? shellPort, out string? refusal)
    {
        string[] args = ["lab", .. shellPort is null ? [] : new[] { $"--shell={shellPort}" }, .. file is null ? [] : new[] { "--", file }];
        try
        {
            var result = NamespaceLauncher.RunSelf(args, new Dictionary<string, string> { [InsideVariable] = "1" });
            refusal = result.Refusal;
            return result.ExitStatus;
        }
        catch (SystemCallException e)
        {
            refusal = e.Message;
            return null;
        }
    }

    private static int Play(string? file, string? shellPort, LabGround ground, string who, TextWriter output, TextWriter error)
    {
        OpenFiles.RaiseLimit();
        var config = file is null ? ConfigFile.Parse(BuiltInLab.Name, BuiltInLab.Text) : ConfigFile.Load(file);
        if (!config.Ok)
            return ConfigMistakes.Tell(config, error);
        var plan = LabPlanner.Plan(config.Model, ground.Rung);
        var guest = plan.Stations.FirstOrDefault(station => station.Name == shellPort);
        if (shellPort is not null && guest is null)
            throw new CommandException(ExitStatus.Mistake,
                $"no port {Shown.Quote(shellPort)} in {file ?? BuiltInLab.Name}"
                + $"{NearestWord.Question(shellPort, plan.Stations.Select(station => station.Name))}; "
                + $"there are: {string.Join(", ", plan.Stations.Select(station => station.Name))}");

        using var signals = new LabSignals();
        // It may be waiting for a reader when it is to end.
        using var abandon = signals.Stop.Register(() => (output as OutputWriter)?.Abandon());
        try
        {
            output.Write($"{file ?? BuiltInLab.Name}:\n\n");
            return ground.Rung == LabRung.Memory
                ? PlayInMemory(plan, guest, ground, who, output)
                : KernelPlay.Run(plan, guest, ground, who, output, signals);
        }
        catch (OperationCanceledException)
        {
            throw new CommandException(ExitStatus.Failed, "the lab was ended before it was done");
        }
        catch (Exception e) when (e is StartRefusedException or SystemCallException or SocketException)
        {
            throw new CommandException(ExitStatus.Failed, e.Message);
        }
    }

    private static int PlayInMemory(LabPlan plan, LabStation? guest, LabGround ground, string who, TextWriter output)
    {
        using var lab = new MemoryLab(plan);
        output.Write($"{LabReport.Picture(plan)}\n");
        Reach[] reaches = [lab.Check(isIpv6: false), lab.Check(isIpv6: true)];
        output.Write($"{LabReport.Matrix(plan, reaches)}\n");
        var (lines, differences) = lab.CheckOutsides();
        foreach (var line in lines)
            output.WriteLine(line);
        foreach (var missing in plan.NotShown)
            output.WriteLine($"not shown: {missing}");
        var all = reaches.SelectMany(reach => reach.Differences()).Concat(differences).ToList();
        var status = LabReport.Conclude(output, ground.Describe(who), all);
        return guest is null
            ? status
            : throw new CommandException(ExitStatus.Failed,
                $"no prompt inside {guest.Name}: it has no kernel here, because of {ground.Reason}");
    }
}
