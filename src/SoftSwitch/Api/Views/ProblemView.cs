using SoftSwitch.Api.Lists;

namespace SoftSwitch.Api.Views;

/// <summary>A mistake, as application/problem+json (RFC 9457).</summary>
internal sealed record ProblemView(string Type, string Title, int Status, string Detail, IReadOnlyList<string>? Errors = null)
{
    public static ApiObject<ProblemView> Members { get; } = new ApiObject<ProblemView>("Problem")
        .Text("type", "about:blank", problem => problem.Type)
        .Text("title", "The status in words.", problem => problem.Title)
        .Number("status", "The HTTP status.", problem => problem.Status)
        .Text("detail", "One line: what is wrong, and the cure.", problem => problem.Detail)
        .OptionalTexts("errors", "Each thing that is wrong, a line each, where there may be several.", problem => problem.Errors);
}
