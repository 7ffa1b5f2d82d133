using SoftSwitch.Config;
using SoftSwitch.Lab;
using SoftSwitch.Model;
using SoftSwitch.SystemTests.Peers;

namespace SoftSwitch.SystemTests.Lab;

/// <summary>A lab whose switch does something else than its file says has to say so. The switch is right, so here the expectation is
/// wrong.</summary>
public sealed class LabVerdictTests
{
    private const string TwoNetworks =
        """
        networks: { left: { mode: internal }, right: { mode: internal } }
        ports:
          one:   { network: left,  kind: guest }
          two:   { network: left,  kind: guest }
          other: { network: right, kind: guest }
        """;

    private const string OneWayOut =
        """
        networks: { dev: { mode: nat, subnet: 10.10.0.0/24, outside: {}, forwards: [{ from: udp/53, to: "one:5353" }] } }
        ports: { one: { network: dev, kind: guest } }
        """;

    private const string NoForward = "udp/53 of network dev does not lead INTERNET to one as itself";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_memory_every_difference_is_found(bool isIpv6)
    {
        using var apart = new MemoryLab(Expecting(LabRung.Memory, ("two", "right")));
        Assert.Equal(ExpectedDifferences(isIpv6), apart.Check(isIpv6).Differences());
        using var right = new MemoryLab(Plan(LabRung.Memory));
        Assert.Empty(right.Check(isIpv6).Differences());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public void In_namespaces_every_difference_is_found(bool onTaps, bool isIpv6)
    {
        Need.RealRoot("namespaces of the test itself");
        if (onTaps)
            Need.Tun();
        var stop = TestContext.Current.CancellationToken;
        var rung = onTaps ? LabRung.Taps : LabRung.Veth;
        var plan = Expecting(rung, ("two", "right"));
        using var lab = KernelLab.Start(plan, rung);
        Assert.Empty(lab.Settle(stop));
        plan = lab.Plan;
        Assert.Equal(ExpectedDifferences(isIpv6), ReachCheck.Run(plan, lab.SpaceOf, isIpv6, stop).Differences());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_forward_that_leads_nowhere_is_found(bool inMemory)
    {
        var plan = Without(LabPlanner.Plan(ConfigFile.Parse("test", OneWayOut).Model!, inMemory ? LabRung.Memory : LabRung.Taps),
            nat => nat with { Forwards = [] });
        if (inMemory)
        {
            using var memory = new MemoryLab(plan);
            Assert.Equal([NoForward], memory.CheckOutsides().Differences);
            return;
        }
        Need.RealRoot("namespaces of the test itself");
        Need.Tun();
        var stop = TestContext.Current.CancellationToken;
        using var lab = KernelLab.Start(plan, LabRung.Taps);
        Assert.Empty(lab.Settle(stop));
        plan = lab.Plan;
        Assert.Empty(ReachCheck.Run(plan, lab.SpaceOf, isIpv6: false, stop).Differences());
        var check = new WayOutCheck(plan, lab.SpaceOf, stop);
        check.Run();
        Assert.Equal([NoForward], check.Differences);
    }

    [Fact]
    public void A_network_that_leads_nowhere_is_found()
    {
        Need.RealRoot("namespaces of the test itself");
        Need.Tun();
        var stop = TestContext.Current.CancellationToken;
        var plan = LabPlanner.Plan(ConfigFile.Parse("test", OneWayOut).Model!, LabRung.Taps);
        ValueList<NetworkModel> networks =
            [.. plan.Model.Networks.Select(network => network with { Mode = NetworkMode.Internal, Nat = null, Gateway = null })];
        plan = plan with { Model = plan.Model with { Networks = networks } };
        using var lab = KernelLab.Start(plan, LabRung.Taps);
        Assert.Empty(lab.Settle(stop));
        plan = lab.Plan;
        Assert.Equal(
            ["one does not reach INTERNET over IPv4, though network dev leads there",
                "one does not reach HOST over IPv4, though network dev leads there"],
            ReachCheck.Run(plan, lab.SpaceOf, isIpv6: false, stop).Differences());
        var check = new WayOutCheck(plan, lab.SpaceOf, stop);
        check.Run();
        Assert.Equal(["INTERNET hears nothing of one", NoForward], check.Differences);
    }

    private static LabPlan Without(LabPlan plan, Func<NatModel, NatModel> change) =>
        plan with
        {
            Model = plan.Model with { Networks = [.. plan.Model.Networks.Select(network => network with { Nat = change(network.Nat!) })] },
        };

    /// <summary>Station two is on the left, and the plan thinks that it is on the right.</summary>
    private static string[] ExpectedDifferences(bool isIpv6)
    {
        var family = isIpv6 ? "IPv6" : "IPv4";
        return
        [
            $"one (network left) reaches two (network right) over {family}, which the file keeps apart",
            $"two (network right) reaches one (network left) over {family}, which the file keeps apart",
            $"two does not reach other over {family}, though both are on network right",
            $"other does not reach two over {family}, though both are on network right",
        ];
    }

    private static LabPlan Plan(LabRung rung) => LabPlanner.Plan(ConfigFile.Parse("test", TwoNetworks).Model!, rung);

    private static LabPlan Expecting(LabRung rung, (string Station, string Network) wrong)
    {
        var plan = Plan(rung);
        var network = plan.Model.Networks.Single(one => one.Name == wrong.Network);
        return plan with { Stations = [.. plan.Stations.Select(one => one.Name == wrong.Station ? one with { Network = network } : one)] };
    }
}
