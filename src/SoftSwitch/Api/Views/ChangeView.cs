using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api.Views;

/// <summary>What a change has changed, or would.</summary>
internal sealed record ChangeView(bool Applied, IReadOnlyList<string> Changes, IReadOnlyList<string>? Notes = null, string? Text = null)
{
    public static ApiObject<ChangeView> Members { get; } = new ApiObject<ChangeView>("Change")
        .Flag("applied", "It runs now; false: it was only asked what would change.", change => change.Applied)
        .Texts("changes", "A line each: + what comes, - what goes, ~ what is another; none where that runs already.",
            change => change.Changes)
        .OptionalTexts("notes", "What there is to know about it, a line each: for example that a restart forgets it.",
            change => change.Notes)
        .OptionalText("text", "The file as it would be, where `text=true` asked for it.", change => change.Text);
}
