using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api.Views;

/// <summary>What a reload has changed, or would.</summary>
internal sealed record ReloadView(bool Applied, IReadOnlyList<string> Changes)
{
    public static ApiObject<ReloadView> Members { get; } = new ApiObject<ReloadView>("Reload")
        .Flag("applied", "It runs now; false: it was only asked what would change.", reload => reload.Applied)
        .Texts("changes", "A line each: + what comes, - what goes, ~ what is another; none where the file says what runs.",
            reload => reload.Changes);
}
