using System.Net.Sockets;
using SoftSwitch.Config;
using SoftSwitch.Errors;
using SoftSwitch.Linux;
using SoftSwitch.Linux.Namespaces;
using SoftSwitch.Linux.Output;
using SoftSwitch.Packets;
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
                $"no port {Shown.Quote(shellPort)} in {file ?? BuiltInLab.Name}{NearestWord.Question(shellPort, plan.Stations.Select(station => station.Name))}; "
                + $"there are: {string.Join(", ", plan.Stations.Select(station => station.Name))}");

        using var signals = new LabSignals();
        // It may be waiting for a reader when it is to end.
        using var abandon = signals.Stop.Register(() => (output as OutputWriter)?.Abandon());
        try
        {
            output.Write($"{file ?? BuiltInLab.Name}:\n\n{LabReport.Picture(plan)}\n");
            return ground.Rung == LabRung.Memory
                ? PlayInMemory(plan, guest, ground, who, output)
                : PlayInNamespaces(plan, guest, ground, who, output, signals);
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

    private static int PlayInNamespaces(
        LabPlan plan, LabStation? guest, LabGround ground, string who, TextWriter output, LabSignals signals)
    {
        using var lab = KernelLab.Start(plan, ground.Rung);
        var differences = new List<string>(lab.WaitUntilUp(signals.Stop));
        var reaches = new List<Reach> { ReachCheck.Run(plan, lab.SpaceOf, isIpv6: false, signals.Stop) };
        if (lab.NoIpv6 is null)
            reaches.Add(ReachCheck.Run(plan, lab.SpaceOf, isIpv6: true, signals.Stop));
        output.Write($"{LabReport.Matrix(plan, reaches)}\n");
        differences.AddRange(reaches.SelectMany(reach => reach.Differences()));
        var outside = new WayOutCheck(plan, lab.SpaceOf, signals.Stop);
        outside.Run();
        foreach (var line in outside.Lines)
            output.WriteLine(line);
        differences.AddRange(outside.Differences);
        if (Neighbors(plan) is var (from, to))
            Measure(lab, from, to, to.Ipv4, differences, output, signals.Stop);
        if (plan.Outsides.Count > 0 && plan.Stations.FirstOrDefault(station => plan.OutsideOf(station) == plan.Outsides[0] && station.Inside is not null) is { } inner)
            Measure(lab, inner, plan.Stations[plan.Outsides[0].Station], plan.Outsides[0].Far, differences, output, signals.Stop);
        foreach (var missing in plan.NotShown)
            output.WriteLine($"not shown: {missing}");
        if (lab.NoIpv6 is not null)
            output.WriteLine($"not shown: IPv6, because of {lab.NoIpv6}");
        // A port may well be down for a moment at the start; it is of interest when something went wrong.
        if (differences.Count > 0)
            differences.InsertRange(0, lab.Troubles);
        var status = Conclude(output, ground.Describe(who), differences);
        if (guest is null)
            return status;
        output.WriteLine($"a prompt inside {guest.Name}; the lab ends with it");
        signals.GiveTerminal();
        LabShell.Run(guest, lab.SpaceOf(guest), signals.Stop);
        return status;
    }

    private static int PlayInMemory(LabPlan plan, LabStation? guest, LabGround ground, string who, TextWriter output)
    {
        using var lab = new MemoryLab(plan);
        Reach[] reaches = [lab.Check(isIpv6: false), lab.Check(isIpv6: true)];
        output.Write($"{LabReport.Matrix(plan, reaches)}\n");
        var (lines, differences) = lab.CheckOutsides();
        foreach (var line in lines)
            output.WriteLine(line);
        foreach (var missing in plan.NotShown)
            output.WriteLine($"not shown: {missing}");
        var status = Conclude(output, ground.Describe(who), [.. reaches.SelectMany(reach => reach.Differences()), .. differences]);
        return guest is null
            ? status
            : throw new CommandException(ExitStatus.Failed, $"no prompt inside {guest.Name}: it has no kernel here, because of {ground.Reason}");
    }

    private static void Measure(
        KernelLab lab, LabStation from, LabStation to, Ipv4Address at, List<string> differences, TextWriter output, CancellationToken stop)
    {
        try
        {
            var address = at.ToIPAddress();
            var roundTrip = StreamProbe.RoundTrip(lab.SpaceOf(from), address);
            var rate = StreamProbe.BitsPerSecond(lab.SpaceOf(from), lab.SpaceOf(to), address, stop);
            output.WriteLine(LabReport.Rate(from, to, rate, roundTrip));
        }
        catch (SocketException e)
        {
            differences.Add($"no TCP stream from {from.Name} to {to.Name}: {e.Message}");
        }
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Two stations that must reach each other, guests where there are some.</summary>
    private static (LabStation From, LabStation To)? Neighbors(LabPlan plan)
    {
        var pairs = from one in plan.Stations
                    from other in plan.Stations
                    where one.Number < other.Number && one.IsNeighborOf(other) && one.Port is not null && other.Port is not null
                    orderby one.Role == LabRole.Lan || other.Role == LabRole.Lan
                    select ((LabStation, LabStation)?)(one, other);
        return pairs.FirstOrDefault();
    }

    private static int Conclude(TextWriter output, string rung, IReadOnlyList<string> differences)
    {
        output.WriteLine(rung);
        foreach (var difference in differences)
            output.WriteLine(difference);
        if (differences.Count == 0)
            output.WriteLine("everything is as the file says");
        return differences.Count == 0 ? ExitStatus.Done : ExitStatus.Failed;
    }
}
