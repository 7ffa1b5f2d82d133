using System.Net.Sockets;
using SoftSwitch.Packets;

namespace SoftSwitch.Lab;

/// <summary>A lab in namespaces, played and checked from who reaches whom to how fast that is.</summary>
internal static class KernelPlay
{
    /// <returns>The exit status.</returns>
    public static int Run(
        LabPlan plan, LabStation? guest, LabGround ground, string who, TextWriter output, LabSignals signals)
    {
        using var lab = KernelLab.Start(plan, ground.Rung);
        var differences = new List<string>(lab.Settle(signals.Stop));
        plan = lab.Plan;
        output.Write($"{LabReport.Picture(plan)}\n");
        var reaches = new List<Reach> { ReachCheck.Run(plan, lab.SpaceOf, isIpv6: false, signals.Stop) };
        if (lab.NoIpv6 is null)
            reaches.Add(ReachCheck.Run(plan, lab.SpaceOf, isIpv6: true, signals.Stop));
        output.Write($"{LabReport.Matrix(plan, reaches)}\n");
        differences.AddRange(reaches.SelectMany(reach => reach.Differences()));
        foreach (var (line, difference) in NameCheck.Run(plan, lab.Leases, lab.SpaceOf, signals.Stop))
        {
            if (line is not null)
                output.WriteLine(line);
            if (difference is not null)
                differences.Add(difference);
        }
        var outside = new WayOutCheck(plan, lab.SpaceOf, signals.Stop);
        outside.Run();
        foreach (var line in outside.Lines)
            output.WriteLine(line);
        differences.AddRange(outside.Differences);
        if (Neighbors(plan) is var (from, to))
            Measure(lab, from, to, to.Ipv4, differences, output, signals.Stop);
        if (plan.Outsides.Count > 0 && plan.Stations.FirstOrDefault(station =>
                plan.OutsideOf(station) == plan.Outsides[0] && station.Inside is not null) is { } inner)
            Measure(lab, inner, plan.Stations[plan.Outsides[0].Station], plan.Outsides[0].Far, differences, output, signals.Stop);
        foreach (var missing in plan.NotShown)
            output.WriteLine($"not shown: {missing}");
        if (lab.NoIpv6 is not null)
            output.WriteLine($"not shown: IPv6, because of {lab.NoIpv6}");
        // A port may well be down for a moment at the start; it is of interest when something went wrong.
        if (differences.Count > 0)
            differences.InsertRange(0, lab.Troubles);
        var status = LabReport.Conclude(output, ground.Describe(who), differences);
        if (guest is null)
            return status;
        output.WriteLine($"a prompt inside {guest.Name}; the lab ends with it");
        signals.GiveTerminal();
        LabShell.Run(guest, lab.SpaceOf(guest), signals.Stop);
        return status;
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
}
