# %% [markdown]
# # 08
